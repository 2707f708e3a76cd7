/* Comparing two soundscapes of an image: A is the one on the page, B another one. Both run together,
   so that a click changes to the other at the same position. Neither changes its level. */
import { output } from "./output.js";
import { PlanTape } from "./plan_tape.js";
import { onChange } from "./playback.js";
import { audioContext, glide } from "./sound.js";

const LOST = "The other soundscape could not be loaded. Check your connection and try again.";
const MARKUP = `
  <button type="button" class="button small">A</button>
  <button type="button" class="button small">B</button>
  <span class="hint" role="status"></span>
  <button type="button" class="link">End comparison</button>`;

let comparison = new AbortController();

export async function compare(button) {
  comparison.abort();
  const { signal } = (comparison = new AbortController());
  const player = button.closest(".soundscape").querySelector("sound-player");
  const gain = new GainNode(audioContext(), { gain: 0 });
  gain.connect(output());
  try {
    const tape = new PlanTape(button.dataset.parts);
    signal.addEventListener("abort", () => tape.release());
    await tape.load(gain, player.playback.position);
    signal.throwIfAborted();
    begin(player, tape, gain, button.dataset.name);
  } catch (error) {
    if (error.name !== "AbortError") player.playback.say(LOST);
  }
}

function begin(player, tape, gain, name) {
  const { playback } = player;
  const bar = newBar(player);
  const [a, b, words, end] = bar.children;
  const choose = (isOther) => {
    glide(playback.output.gain, isOther ? 0 : 1, 0.005);
    glide(gain.gain, isOther ? 1 : 0, 0.005);
    a.setAttribute("aria-pressed", String(!isOther));
    b.setAttribute("aria-pressed", String(isOther));
    words.textContent = isOther ? `You are hearing number ${name}.` : "You are hearing this soundscape.";
  };
  const { signal } = comparison;
  signal.addEventListener("abort", () => {
    bar.remove();
    gain.disconnect();
    glide(playback.output.gain, 1);
    if (playback.other === tape) playback.useOther(null);
  });
  a.addEventListener("click", () => choose(false));
  b.addEventListener("click", () => choose(true));
  end.addEventListener("click", () => {
    comparison.abort();
    player.button.focus();
  });
  playback.useOther(tape);
  onChange(() => playback.other !== tape && comparison.abort(), signal);
  choose(true);
  playback.play();
  b.focus();
}

function newBar(player) {
  const bar = document.createElement("div");
  bar.className = "compare";
  bar.role = "group";
  bar.setAttribute("aria-label", "Comparison");
  bar.innerHTML = MARKUP;
  player.append(bar);
  return bar;
}
