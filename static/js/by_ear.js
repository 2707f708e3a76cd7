/* <image-by-ear>: an image explored without sight. What sounds at a place comes forward, and is said.

   After "Scene2Audio" (CHI 2026), which found that people who cannot see understand a scene better so.
   The places are the cells of the layers' evidence. */
import { recall, remember } from "./memory.js";

const SPEAK = "soundscapes.speak";
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const CLEAR = 0.25; // opacity of evidence that counts

class ImageByEar extends HTMLElement {
  connectedCallback() {
    this.article = this.closest("article");
    this.words = this.querySelector("[role=status]");
    this.at = null;
    this.addEventListener("keydown", (event) => this.onKey(event));
    this.addEventListener("focus", () => this.at ?? this.go(this.middle));
    this.addEventListener("blur", () => this.leave());
    this.addEventListener("pointerdown", (event) => this.goTo(event));
    this.addEventListener("pointermove", (event) => event.buttons && this.goTo(event));
    this.speak = this.article.querySelector(".speak");
    this.speak.checked = recall(SPEAK) === "on";
    this.speak.addEventListener("change", () => remember(SPEAK, this.speak.checked ? "on" : "off"));
  }

  get heats() {
    return [...this.article.querySelectorAll(".heat")];
  }

  /* Columns and rows. */
  get size() {
    const box = this.heats[0]?.viewBox.baseVal;
    return box ? [box.width, box.height] : [3, 3];
  }

  get middle() {
    return this.size.map((count) => Math.floor(count / 2));
  }

  onKey(event) {
    const move = MOVES[event.key];
    if (event.key === "Escape") this.leave();
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const from = this.at ?? this.middle;
    this.go(from.map((place, axis) => place + move[axis]));
  }

  goTo({ clientX, clientY }) {
    const box = this.getBoundingClientRect();
    const shares = [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
    this.go(shares.map((share, axis) => Math.floor(share * this.size[axis])));
  }

  go(to) {
    const at = to.map((place, axis) => Math.min(this.size[axis] - 1, Math.max(0, place)));
    if (String(at) === String(this.at)) return;
    this.at = at;
    const here = this.heats.filter((heat) => levelAt(heat, at) >= CLEAR);
    const places = here.map(({ dataset }) => Number(dataset.place));
    this.tape?.bringForward(places.length ? places : null);
    this.say(here.map(({ dataset }) => dataset.label).join(", ") || "Nothing in particular");
  }

  /* All sounds are as they were. */
  leave() {
    this.at = null;
    this.tape?.bringForward(null);
  }

  get tape() {
    const tape = this.article.querySelector("sound-player")?.playback?.loop;
    return tape?.bringForward && tape;
  }

  say(sounds) {
    const [column, row] = this.at.map((place) => place + 1);
    const [columns, rows] = this.size;
    this.words.textContent = `${sounds}. Column ${column} of ${columns}, row ${row} of ${rows}.`;
    this.style.setProperty("--column", (this.at[0] + 0.5) / columns);
    this.style.setProperty("--row", (this.at[1] + 0.5) / rows);
    if (!this.speak.checked) return;
    speechSynthesis.cancel();
    speechSynthesis.speak(new SpeechSynthesisUtterance(sounds));
  }
}

function levelAt(heat, [x, y]) {
  const isThere = (cell) => cell.x.baseVal.value === x && cell.y.baseVal.value === y;
  const cell = [...heat.children].find(isThere);
  return Number(cell?.getAttribute("opacity") ?? 0);
}

customElements.define("image-by-ear", ImageByEar);
