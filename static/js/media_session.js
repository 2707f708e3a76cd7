/* Media keys and lock screen, with the image as artwork.

   Systems show a session only for media elements, not for Web Audio, so a silent element plays
   alongside the soundscape. */
let silence = null;

export function showSession(playback) {
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
  session.playbackState = "playing";
  silence ??= silentElement();
  silence.play().catch(() => {}); // the soundscape plays without a session, too
}

export function reportPosition(playback) {
  if (!("mediaSession" in navigator)) return;
  navigator.mediaSession.setPositionState({
    duration: playback.duration,
    position: Math.min(playback.position, playback.duration),
  });
}

export function pauseSession() {
  if (!("mediaSession" in navigator)) return;
  navigator.mediaSession.playbackState = "paused";
  silence?.pause();
}

function silentElement() {
  const element = new Audio(URL.createObjectURL(silentWav(10)));
  element.loop = true;
  return element;
}

/* 8-bit mono at 8 kHz; 128 is silence. */
function silentWav(seconds) {
  const rate = 8000;
  const samples = new Uint8Array(seconds * rate).fill(128);
  const header = new DataView(new ArrayBuffer(44));
  const text = (at, letters) =>
    [...letters].forEach((letter, n) => header.setUint8(at + n, letter.charCodeAt(0)));
  text(0, "RIFF");
  header.setUint32(4, 36 + samples.length, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, rate, true);
  header.setUint32(28, rate, true);
  header.setUint16(32, 1, true);
  header.setUint16(34, 8, true);
  text(36, "data");
  header.setUint32(40, samples.length, true);
  return new Blob([header, samples], { type: "audio/wav" });
}
