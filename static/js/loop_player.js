/* Tapes: one or several synchronised tracks in an endless loop.

   A BufferTape holds its tracks in memory and loops with sample accuracy. A StreamTape plays an
   audio element, and leaves looping to the browser. */
import { audioContext, fetchBuffer, playElement } from "./sound.js";

async function load(track, signal) {
  track.buffer = await fetchBuffer(track.url, signal);
}

export class BufferTape {
  /* tracks: [{buffer, output}], which repeat after `duration` seconds: WebKitGTK decodes a sample
     more of Ogg Vorbis than there is. */
  constructor(tracks, duration) {
    this.tracks = tracks;
    this.duration = duration;
    this.sources = [];
    this.startedAt = null; // while it stands still
  }

  start(position, when) {
    this.sources = this.tracks.map((track) => this.run(track, when, position));
    this.startedAt = when - position;
  }

  stop() {
    this.sources.forEach(end);
    this.sources = [];
    this.startedAt = null;
  }

  /* Let one more track run along. */
  async add(track, signal) {
    await load(track, signal);
    this.tracks.push(track);
    if (this.startedAt === null) return;
    const when = audioContext().currentTime + 0.02;
    this.sources.push(this.run(track, when, Math.max(0, when - this.startedAt)));
  }

  remove(track) {
    const place = this.tracks.indexOf(track);
    this.tracks.splice(place, 1);
    this.sources.splice(place, 1).forEach(end);
  }

  run({ buffer, output }, when, position) {
    const loop = { loop: true, loopEnd: this.duration };
    const source = new AudioBufferSourceNode(audioContext(), { buffer, ...loop });
    source.connect(output);
    source.start(when, position % this.duration);
    return source;
  }

  get position() {
    const passed = Math.max(0, audioContext().currentTime - this.startedAt);
    return passed % this.duration;
  }

  release() {
    this.stop();
    this.tracks = [];
  }
}

function end(source) {
  source.stop();
  source.disconnect();
}

export class StreamTape {
  constructor({ url, output }, duration) {
    this.duration = duration;
    this.element = new Audio(url);
    this.element.loop = true;
    const source = new MediaElementAudioSourceNode(audioContext(), { mediaElement: this.element });
    source.connect(output);
  }

  async seekTo(position) {
    this.element.currentTime = position;
  }

  start() {
    return playElement(this.element);
  }

  stop() {
    this.element.pause();
  }

  get position() {
    return this.element.currentTime;
  }

  release() {
    this.stop();
    this.element.removeAttribute("src");
  }
}
