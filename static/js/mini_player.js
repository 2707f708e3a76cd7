/* The mini-player at the foot of the page: what plays while somebody browses, unless a player on the
   page shows it. */
import "./browsing.js";
import { nowPlaying, onChange, playbackOf, sleepTimer, trackOf } from "./playback.js";
import { isEndless } from "./settings.js";
import { clock } from "./waveform.js";

const MARKUP = `
  <button type="button" class="mini-play"></button>
  <img alt="" width="56" height="42">
  <p class="mini-words"><a dir="auto"></a> <span class="hint" role="status"></span></p>
  <input type="range" min="0" step="1" aria-label="Playback position">
  <span class="time" aria-hidden="true"></span>
  <button type="button" class="mini-close" aria-label="Close the player" title="Close the player"></button>`;

const bar = document.createElement("section");
bar.className = "mini-player";
bar.setAttribute("aria-label", "Player");
bar.hidden = true;
bar.innerHTML = MARKUP;
const [button, image, words, slider, time, close] = bar.children;
const [link, note] = words.children;

/* Start or stop the soundscape of a card. */
export function play(card) {
  playbackOf(trackOf(card)).toggle();
}

function show() {
  const playback = nowPlaying();
  markCards();
  const isShown = Boolean(playback) && !playback.isHeld;
  bar.hidden = !isShown;
  document.documentElement.classList.toggle("has-mini-player", isShown);
  if (isShown) fill(playback);
}

function fill({ title, page, artwork, state, isOn, note: said }) {
  bar.dataset.state = state;
  button.setAttribute("aria-label", `${isOn ? "Pause" : "Play"} ${title}`);
  link.href = page;
  if (link.textContent !== title) link.textContent = title;
  if (note.textContent !== said) note.textContent = said;
  image.hidden = !artwork;
  if (artwork && image.getAttribute("src") !== artwork) image.src = artwork;
  showTime();
}

function showTime() {
  const { position, duration } = nowPlaying();
  const words = `${clock(position)} / ${isEndless() ? "∞" : clock(duration)}`;
  if (time.textContent === words) return;
  time.textContent = words;
  slider.max = Math.max(1, Math.floor(duration) - 1);
  slider.value = Math.floor(Math.min(position, duration));
  slider.setAttribute("aria-valuetext", `${clock(position)} of ${clock(duration)}`);
}

/* Buttons of cards show whether their soundscape plays. */
function markCards() {
  for (const card of document.querySelectorAll("[data-play]")) {
    const { src, state, isOn } = nowPlaying() ?? {};
    const isIt = src === card.dataset.src;
    card.dataset.state = isIt ? state : "paused";
    card.setAttribute("aria-label", `${isIt && isOn ? "Pause" : "Play"} ${card.dataset.title}`);
  }
}

button.addEventListener("click", () => nowPlaying().toggle());
slider.addEventListener("input", () => nowPlaying().seek(Number(slider.value)));
close.addEventListener("click", () => {
  sleepTimer.clear();
  nowPlaying().end();
  document.getElementById("main").focus({ preventScroll: true });
});
setInterval(() => {
  if (!bar.hidden && nowPlaying().state === "playing") showTime();
}, 250);
document.getElementById("notices").before(bar);
document.addEventListener("htmx:load", markCards);
onChange(show);
show();
