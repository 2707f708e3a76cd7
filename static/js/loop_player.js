/* Tapes: one or several synchronised tracks in an endless loop.

   A BufferTape holds its tracks in memory and loops with sample accuracy. A StreamTape plays audio
   elements that are too long for memory, and leaves looping to the browser. Both have the same
   interface: start, stop, add, remove, position, release. */
import { audioContext, fetchBuffer } from "./sound.js";

const HELD = 700; // seconds of stereo audio in memory for all tracks together: 250 MB

/* tracks: [{url, output}]. */
export async function tapeOf(tracks, duration, signal) {
  if (duration * tracks.length > HELD) return new StreamTape(tracks, duration);
  await Promise.all(tracks.map((track) => load(track, signal)));
  return new BufferTape(tracks, duration);
}

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
    this.startedAt = 0;
  }

  async start(position) {
    const context = audioContext();
    const when = context.currentTime + 0.02; // the same sample for all tracks
    this.sources = this.tracks.map((track) => this.run(track, when, position));
    this.startedAt = when - position;
  }

  stop() {
    this.sources.forEach(end);
    this.sources = [];
  }

  /* Let one more track run along. */
  async add(track, signal) {
    await load(track, signal);
    this.tracks.push(track);
    if (!this.sources.length) return;
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
  /* tracks: [{url, output}]. */
  constructor(tracks, duration) {
    this.tracks = [...tracks];
    this.duration = duration;
    this.elements = tracks.map(elementOf);
  }

  async start(position) {
    for (const element of this.elements) element.currentTime = position;
    await Promise.all(this.elements.map((element) => element.play()));
  }

  stop() {
    for (const element of this.elements) element.pause();
  }

  async add(track) {
    const element = elementOf(track);
    this.tracks.push(track);
    this.elements.push(element);
    element.currentTime = this.position;
    if (!this.elements[0].paused) await element.play();
  }

  remove(track) {
    const place = this.tracks.indexOf(track);
    this.tracks.splice(place, 1);
    this.elements.splice(place, 1).forEach(unload);
  }

  get position() {
    return this.elements[0].currentTime;
  }

  release() {
    this.elements.forEach(unload);
  }
}

function elementOf({ url, output }) {
  const element = new Audio(url);
  element.loop = true;
  new MediaElementAudioSourceNode(audioContext(), { mediaElement: element }).connect(output);
  return element;
}

function unload(element) {
  element.pause();
  element.removeAttribute("src");
}
