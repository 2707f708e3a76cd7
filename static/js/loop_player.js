/* Tapes: one or several synchronised tracks in an endless loop.

   A BufferTape holds its tracks in memory and loops with sample accuracy. A StreamTape plays audio
   elements that are too long for memory, and leaves looping to the browser. Both have the same
   interface: start, stop, position, release. */
import { audioContext } from "./sound.js";

export class BufferTape {
  /* tracks: [{buffer, output}], all of the same length. */
  constructor(tracks) {
    this.tracks = tracks;
    this.duration = tracks[0].buffer.duration;
    this.sources = [];
    this.startedAt = 0;
  }

  async start(position) {
    const context = audioContext();
    const when = context.currentTime + 0.02; // the same sample for all tracks
    this.sources = this.tracks.map(({ buffer, output }) => {
      const source = new AudioBufferSourceNode(context, { buffer, loop: true });
      source.connect(output);
      source.start(when, position);
      return source;
    });
    this.startedAt = when - position;
  }

  stop() {
    for (const source of this.sources) {
      source.stop();
      source.disconnect();
    }
    this.sources = [];
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

export class StreamTape {
  /* tracks: [{url, output}]. */
  constructor(tracks, duration) {
    this.duration = duration;
    this.elements = tracks.map(({ url, output }) => {
      const element = new Audio(url);
      element.loop = true;
      new MediaElementAudioSourceNode(audioContext(), { mediaElement: element }).connect(output);
      return element;
    });
  }

  async start(position) {
    for (const element of this.elements) element.currentTime = position;
    await Promise.all(this.elements.map((element) => element.play()));
  }

  stop() {
    for (const element of this.elements) element.pause();
  }

  get position() {
    return this.elements[0].currentTime;
  }

  release() {
    this.stop();
    for (const element of this.elements) element.removeAttribute("src");
  }
}
