/* What turns: one sound, or several in step, in an endless loop.

   A BufferTape holds its sounds in memory and loops to the sample. A StreamTape plays audio elements,
   for what is too long for that; its loop is the browser's. Both have the same four verbs. */
import { audioContext } from "./sound.js";

export class BufferTape {
  /* tracks: [{buffer, output}], all of one length. */
  constructor(tracks) {
    this.tracks = tracks;
    this.duration = tracks[0].buffer.duration;
    this.sources = [];
    this.startedAt = 0;
  }

  async start(position) {
    const context = audioContext();
    const when = context.currentTime + 0.02; // all of them at the same sample
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
