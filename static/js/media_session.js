/* Media keys and lock screen, with the image as artwork.

   Systems show a session only for media elements, not for Web Audio, so a silent element plays
   alongside the soundscape. */
let silence = null;

export function showSession(player) {
  if (!("mediaSession" in navigator)) return;
  const session = navigator.mediaSession;
  session.metadata = new MediaMetadata({
    title: player.dataset.title,
    artist: "Soundscapes",
    artwork: player.dataset.artwork ? [{ src: player.dataset.artwork, type: "image/jpeg" }] : [],
  });
  session.setActionHandler("play", () => player.play());
  session.setActionHandler("pause", () => player.pause());
  session.setActionHandler("stop", () => player.pause());
  session.setActionHandler("seekto", (details) => player.seek(details.seekTime));
  session.setActionHandler("seekbackward", () => player.seek(player.position - 10));
  session.setActionHandler("seekforward", () => player.seek(player.position + 10));
  session.playbackState = "playing";
  silence ??= silentElement();
  silence.play().catch(() => {}); // the soundscape plays without a session, too
}

export function reportPosition(player) {
  if (!("mediaSession" in navigator)) return;
  navigator.mediaSession.setPositionState({
    duration: player.duration,
    position: Math.min(player.position, player.duration),
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
