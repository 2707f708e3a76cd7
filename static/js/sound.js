/* The page's only AudioContext, created at the first click: browsers play nothing before it.

   It has the sample rate of the files, because resampling would change the samples at the seam. */
const SAMPLE_RATE = 44100;
let context = null;

const FAST = 5000; // bytes a millisecond: FLAC takes less than a second
const TELLING = 30_000; // bytes of a file that tells how fast the line is

function isFastLine() {
  return performance
    .getEntriesByType("resource")
    .filter(({ transferSize }) => transferSize > TELLING)
    .some((file) => file.transferSize > FAST * (file.responseEnd - file.responseStart));
}

export function audioContext() {
  context ??= new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: "playback" });
  return context;
}

const ogg = new Audio().canPlayType('audio/ogg; codecs="vorbis"') ? "small" : "flac";

/* The address of a soundscape in the form that is heard soonest: FLAC is there at once, the small
   form has a seventh of its bytes but may first have to be made. */
export const quickest = (url) => `${url}?format=${isFastLine() ? "flac" : ogg}`;
export const smallest = (url) => `${url}?format=${ogg}`;
export const lossless = (url) => `${url}?format=flac`;

/* The server renders a sound when it is first asked for, and answers 202 until then. */
export async function whenRendered(url, options, onWait) {
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const answer = await fetch(url, options);
    if (answer.status !== 202) return answer;
    onWait?.();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("Too late.");
}

/* Fetch an audio file; `onProgress` gets the fraction received, from 0 to 1, or null while it is
   rendered. */
export async function download(url, signal, onProgress = () => {}) {
  const answer = await whenRendered(url, { signal }, () => onProgress(null));
  if (!answer.ok) throw Object.assign(new Error(answer.status), await answer.json().catch(() => null));
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
