/* The value of a fader in words, for the eye and for screen readers. */
export function describe(fader) {
  const value = Number(fader.value);
  const words = fader.matches(".gain") ? decibels(value) : side(value);
  fader.nextElementSibling.textContent = words;
  fader.setAttribute("aria-valuetext", words);
}

function decibels(value) {
  const sign = value > 0 ? "+" : value < 0 ? "−" : "";
  return `${sign}${Math.abs(value)} dB`;
}

function side(value) {
  const percent = Math.round(Math.abs(value) * 100);
  if (!percent) return "centre";
  return `${value < 0 ? "left" : "right"} ${percent} %`;
}
