/* The page's only AudioContext, created at the first click: browsers play nothing before it.

   It has the sample rate of the files, because resampling would change the samples at the seam. */
const SAMPLE_RATE = 44100;
const MUTE = "No audio output. Connect speakers and press Play again.";
let context = null;

export function audioContext() {
  context ??= new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: "playback" });
  return context;
}

/* Let the context play, as only a click may. */
export function unlock() {
  audioContext()
    .resume()
    .catch(() => {}); // during a call
}

/* Start the clock, for which some browsers wait for ever if there is no device to play on. */
export async function startClock() {
  const isLate = delay(8000).then(() => true);
  if (await Promise.race([audioContext().resume(), isLate])) throw { detail: MUTE };
}

/* Give up a context whose clock stands still; the next one is new. */
export function renewContext() {
  context?.close();
  context = null;
}

export const clipForm = new Audio().canPlayType('audio/ogg; codecs="vorbis"') ? "ogg" : "flac";

export const lossless = (url) => `${url}?format=flac`;

/* The address of a clip of a layer. One that the server makes wide has an address of its own:
   browsers keep clips, and an earlier release sent the same one narrow, for the page to widen. */
export const clipUrl = (parts, { place, wide }, clip) =>
  `${parts}clips/${place}/${clip}/?format=${clipForm}${wide ? "&wide" : ""}`;

/* The server renders a sound when it is first asked for, and answers 202 until then. */
export async function whenRendered(url, options, onWait) {
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const answer = await fetch(url, options);
    if (answer.status !== 202) return answer;
    onWait?.();
    await delay(500);
  }
  throw new Error("Too late.");
}

/* Fetch an audio file. */
export async function download(url, signal) {
  const answer = await whenRendered(url, { signal });
  if (!answer.ok) throw new Error(answer.status);
  return answer.arrayBuffer();
}

export async function fetchJson(url, signal) {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw Object.assign(new Error(answer.status), await answer.json().catch(() => null));
  return answer.json();
}

export function decode(bytes) {
  return audioContext().decodeAudioData(bytes);
}

export function delay(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/* Let an element play. A pause before it has begun is no error. */
export async function playElement(element) {
  try {
    await element.play();
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

export async function fetchBuffer(url, signal) {
  return decode(await download(url, signal));
}

export function fromDecibels(decibels) {
  return 10 ** (decibels / 20);
}

/* Change a level evenly from what it is now. */
export function ramp(parameter, value, seconds) {
  const now = audioContext().currentTime;
  const { value: before } = parameter;
  parameter.cancelScheduledValues(now);
  parameter.setValueAtTime(before, now);
  parameter.linearRampToValueAtTime(value, now + seconds);
}

/* Change a level without an audible click. */
export function glide(parameter, value, seconds = 0.02) {
  parameter.setTargetAtTime(value, audioContext().currentTime, seconds);
}
