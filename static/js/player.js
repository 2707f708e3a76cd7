/* The waveform follows the audio element; starting one sound stops the others. Events of media
   elements do not bubble, so they are caught on their way down. */
export function setUpPlayers() {
  document.addEventListener("timeupdate", (event) => showPosition(event.target), true);
  document.addEventListener("seeking", (event) => showPosition(event.target), true);
  document.addEventListener("play", (event) => stopOthers(event.target), true);
}

function showPosition(audio) {
  const waveform = audio.closest(".player")?.querySelector(".waveform");
  if (!waveform || !audio.duration) return;
  const width = waveform.viewBox.baseVal.width;
  const played = (audio.currentTime / audio.duration) * width;
  waveform.querySelector(".played-part").setAttribute("width", played.toFixed(2));
}

function stopOthers(started) {
  for (const audio of document.querySelectorAll("audio")) {
    if (audio !== started) audio.pause();
  }
}
