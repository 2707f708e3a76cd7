/* <sound-mixer>: faders change the layers while they play; saving submits the plain form.

   The first touch fetches the layers' stems, which add up to the soundscape, and gives them to the
   player instead of it. A layer whose category or clip has changed is silent until it is saved. */
import { audioContext, fetchBuffer, fromDecibels, glide } from "./sound.js";
import { BufferTape, StreamTape } from "./loop_player.js";
import { keepPageWhile } from "./leaving.js";
import "./folding.js";
import "./menus.js";

const HELD = 700; // seconds of stereo audio in memory for all layers together: 250 MB
const LOADING = "Loading layers…";
const LIVE = "You hear the layers with the current settings.";
const LOST = "The layers could not be loaded. Save a remix to hear your changes.";

export class SoundMixer extends HTMLElement {
  connectedCallback() {
    this.player = this.closest(".soundscape").querySelector("sound-player");
    this.list = this.querySelector(".layers");
    this.left = new AbortController();
    this.addEventListener("input", (event) => this.onInput(event));
    this.addEventListener("click", (event) => this.onClick(event));
    this.list.addEventListener("htmx:afterSettle", () => this.onExchanged());
    this.addEventListener("htmx:afterRequest", (event) => this.onAnswer(event));
    this.addEventListener("htmx:beforeOnLoad", (event) => this.onSaved(event));
    window.addEventListener("pageshow", () => this.onRestored(), { signal: this.left.signal });
    window.addEventListener("pagehide", () => this.onLeft(), { signal: this.left.signal });
    this.addEventListener("pointerdown", (event) => {
      if (event.target.matches(".gain, .position, .mute, .solo")) this.load();
    });
  }

  disconnectedCallback() {
    this.left.abort();
  }

  get rows() {
    return [...this.list.children];
  }

  onInput(event) {
    if (event.target.matches(".gain, .position")) describe(event.target);
    if (event.target.matches(".clip")) this.onClip(event.target);
    if (!event.target.matches(".solo")) this.markChanged();
    this.load();
    this.apply();
  }

  onClick(event) {
    const row = event.target.closest(".layer");
    if (event.target.closest(".remove")) this.removeLayer(row);
    if (event.target.closest(".another-clip")) nextOption(row.querySelector(".clip"));
    if (event.target.closest(".start-over")) this.classList.remove("changed");
  }

  /* The browser restores the values of fields when somebody comes back, but nothing else. */
  onRestored() {
    for (const field of this.querySelectorAll(".gain, .position, .mute, .clip, .layer-name")) {
      if (isAsSaved(field)) continue;
      const name = field.matches(".layer-name") ? "change" : "input";
      field.dispatchEvent(new Event(name, { bubbles: true }));
    }
  }

  onSaved(event) {
    if (!event.detail.xhr.getResponseHeader("HX-Redirect")) return;
    this.classList.remove("changed");
    this.isSaved = true;
  }

  onLeft() {
    if (this.isSaved) this.querySelector("form").reset();
  }

  /* The layer's stem does not contain a newly chosen clip yet. */
  onClip(select) {
    const row = select.closest(".layer");
    row.classList.toggle("unheard", !row.dataset.stem || !isAsSaved(select));
  }

  removeLayer(row) {
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (neighbour?.querySelector(".layer-more > summary") ?? this.querySelector(".add-layer")).focus();
    this.onExchanged();
  }

  onExchanged() {
    const add = this.querySelector(".add-layer");
    const hadFocus = document.activeElement === add;
    add.hidden = this.rows.length >= Number(this.dataset.max);
    if (hadFocus && add.hidden) this.rows.at(-1).querySelector(".layer-name").focus();
    this.markChanged();
    this.apply();
  }

  onAnswer(event) {
    if (event.detail.xhr.status === 204) this.say("There are no more categories to choose from.");
  }

  markChanged() {
    this.classList.add("changed");
    this.querySelector(".start-over").hidden = false;
  }

  async load() {
    if (this.tracks || "withoutStems" in this.dataset) return;
    const stems = this.rows.filter((row) => row.dataset.stem);
    this.tracks = stems.map((row) => ({
      place: row.dataset.place,
      url: row.dataset.stem,
      from: { gain: Number(row.dataset.gain), position: Number(row.dataset.position) },
    }));
    this.say(LOADING);
    try {
      const loop = await this.makeTape();
      this.apply();
      this.player.use(loop);
      this.say(LIVE);
    } catch (error) {
      if (error.name !== "AbortError") this.say(LOST);
    }
  }

  async makeTape() {
    const context = audioContext();
    for (const track of this.tracks) {
      track.panner = new StereoPannerNode(context);
      track.panner.connect(this.player.output);
      track.output = track.fader = new GainNode(context);
      track.fader.connect(track.panner);
    }
    if (this.player.duration * this.tracks.length > HELD)
      return new StreamTape(this.tracks, this.player.duration);
    const fetched = this.tracks.map(async (track) => {
      track.buffer = await fetchBuffer(track.url, this.left.signal);
    });
    await Promise.all(fetched);
    return new BufferTape(this.tracks);
  }

  /* Apply the fader values to every layer. */
  apply() {
    if (!this.tracks?.[0]?.fader) return;
    const isSolo = this.rows.some((row) => row.querySelector(".solo").checked);
    for (const { place, fader, panner, from } of this.tracks) {
      const row = this.rows.find((each) => each.dataset.place === place && each.dataset.stem);
      const isHeard =
        row && !row.querySelector(".mute").checked && (!isSolo || row.querySelector(".solo").checked);
      const gain = row ? Number(row.querySelector(".gain").value) - from.gain : 0;
      const moved = row ? Number(row.querySelector(".position").value) - from.position : 0;
      glide(fader.gain, isHeard ? fromDecibels(gain) : 0);
      glide(panner.pan, Math.min(1, Math.max(-1, moved)));
    }
  }

  say(words) {
    this.querySelector(".mixer-note").textContent = words;
  }
}

function isAsSaved(field) {
  if (field.matches("select")) return field.selectedOptions[0]?.defaultSelected || hasNoDefault(field);
  return field.matches(".mute")
    ? field.checked === field.defaultChecked
    : Math.abs(field.value - field.defaultValue) < Number(field.step) / 2; // rounded to its steps
}

function hasNoDefault(select) {
  return select.value === "" && ![...select.options].some((option) => option.defaultSelected);
}

function nextOption(select) {
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
  select.dispatchEvent(new Event("input", { bubbles: true }));
}

/* Show a fader's value as text, for screen readers as well. */
function describe(fader) {
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

keepPageWhile(() => document.querySelector("sound-mixer.changed"));
customElements.define("sound-mixer", SoundMixer);
