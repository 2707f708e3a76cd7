/* Media keys and lock screen, with the image as artwork.

   Systems show a session only for media elements, not for Web Audio, so a silent element plays
   alongside the soundscape. */
import { isEndless } from "./settings.js";

let silence = null;

/* `skip` plays a neighbour, -1 or 1 away. */
export function showSession(playback, skip) {
  if (!("mediaSession" in navigator)) return;
  const session = navigator.mediaSession;
  session.metadata = new MediaMetadata({
    title: playback.title,
    artist: "Soundscapes",
    artwork: playback.artwork ? [{ src: playback.artwork, type: "image/jpeg" }] : [],
  });
  session.setActionHandler("play", () => playback.play());
  session.setActionHandler("pause", () => playback.pause());
  session.setActionHandler("stop", () => playback.pause());
  session.setActionHandler("seekto", (details) => playback.seek(details.seekTime));
  session.setActionHandler("seekbackward", () => playback.seek(playback.position - 10));
  session.setActionHandler("seekforward", () => playback.seek(playback.position + 10));
  session.setActionHandler("previoustrack", () => skip(-1));
  session.setActionHandler("nexttrack", () => skip(1));
  session.playbackState = "playing";
  silence ??= silentElement();
  silence.play().catch(() => {}); // the soundscape plays without a session, too
}

export function reportPosition(playback) {
  if (!("mediaSession" in navigator)) return;
  const { position, duration } = playback;
  // Without an end there is none to show, and Firefox refuses an infinite one.
  const state = isEndless() ? [] : [{ duration, position: Math.min(position, duration) }];
  navigator.mediaSession.setPositionState(...state);
}

export function pauseSession() {
  if (!("mediaSession" in navigator)) return;
  navigator.mediaSession.playbackState = "paused";
  silence?.pause();
}

function silentElement() {
  const element = new Audio(URL.createObjectURL(silentWav(2)));
  element.loop = true;
  return element;
}

/* 16-bit mono at 44.1 kHz, which every phone plays; 0 is silence. */
function silentWav(seconds) {
  const rate = 44100;
  const samples = new Int16Array(seconds * rate);
  const header = new DataView(new ArrayBuffer(44));
  const text = (at, letters) =>
    [...letters].forEach((letter, n) => header.setUint8(at + n, letter.charCodeAt(0)));
  text(0, "RIFF");
  header.setUint32(4, 36 + samples.byteLength, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, rate, true);
  header.setUint32(28, 2 * rate, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  text(36, "data");
  header.setUint32(40, samples.byteLength, true);
  return new Blob([header, samples], { type: "audio/wav" });
}
