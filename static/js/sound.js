/* The page's only AudioContext, created at the first click: browsers play nothing before it.

   It has the sample rate of the files, because resampling would change the samples at the seam. */
const SAMPLE_RATE = 44100;
let context = null;

export function audioContext() {
  context ??= new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: "playback" });
  return context;
}

/* Fetch an audio file; `onProgress` gets the fraction received, from 0 to 1. */
export async function download(url, signal, onProgress = () => {}) {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`The server responded with ${answer.status}.`);
  const total = Number(answer.headers.get("Content-Length"));
  const reader = answer.body.getReader();
  const chunks = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    length += part.value.length;
    if (total) onProgress(length / total);
  }
  return new Blob(chunks).arrayBuffer();
}

export async function fetchBuffer(url, signal, onProgress) {
  return audioContext().decodeAudioData(await download(url, signal, onProgress));
}

export function fromDecibels(decibels) {
  return 10 ** (decibels / 20);
}

/* Change a level without an audible click. */
export function glide(parameter, value, seconds = 0.02) {
  parameter.setTargetAtTime(value, audioContext().currentTime, seconds);
}
