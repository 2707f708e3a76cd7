/* <sound-mixer>: changes are heard at once, can be undone, and are saved as a remix.

   The first touch gives every layer of the player's tape a fader. */
import { describe } from "./faders.js";
import { keepPageWhile, QUESTION } from "./leaving.js";
import "./folding.js";
import "./by_ear.js";
import "./keeping.js";
import { letterOf } from "./keys.js";
import { LiveLayers, UNAVAILABLE } from "./live_layers.js";
import "./menus.js";
import { onChange as onPlayback } from "./playback.js";
import { isAsSaved, restore, savedSettings, settings, snapshot, UndoHistory } from "./mixer_state.js";

const LOADING = "Loading layers…";
const LIVE = "You are hearing the layers with the current settings.";
const LOST = "The layers could not be loaded. Save a remix to hear your changes.";
const UNCHANGED = "Nothing changed yet. Change a layer first.";
const SAVED_MEANWHILE = "The remix is saved. What you changed since then is not in it.";
const RECORDED = ".gain, .position, .mute, .solo, .clip";

export class SoundMixer extends HTMLElement {
  connectedCallback() {
    this.player = this.closest(".soundscape").querySelector("sound-player");
    this.list = this.querySelector(".layers");
    this.left = new AbortController();
    this.original = this.rows; // of the layers that the tape plays
    this.saved = this.usual = savedSettings(this.rows);
    this.steps = new UndoHistory(snapshot(this.rows));
    this.addEventListener("input", (event) => this.onInput(event));
    this.addEventListener("change", (event) => this.onChange(event));
    this.addEventListener("click", (event) => this.onClick(event));
    this.addEventListener("submit", (event) => this.onSubmit(event), true);
    this.list.addEventListener("htmx:afterSettle", () => this.onExchanged());
    this.addEventListener("htmx:beforeRequest", (event) => this.onRequest(event));
    this.addEventListener("htmx:afterRequest", (event) => this.onAnswer(event));
    this.addEventListener("pointerdown", (event) => {
      if (event.target.matches(".gain, .position, .mute, .solo")) this.load();
    });
    this.listen(document, "keydown", (event) => this.onKey(event));
    this.listen(document, "htmx:beforeSwap", (event) => this.onReady(event));
    this.listen(document, "htmx:confirm", (event) => this.onConfirm(event));
    onPlayback(() => this.onTape(), this.left.signal);
    this.listen(window, "pageshow", () => this.onRestored());
    this.listen(window, "pagehide", () => this.onLeft());
    this.refresh();
  }

  listen(target, name, handle) {
    target.addEventListener(name, handle, { signal: this.left.signal });
  }

  /* What goes on elsewhere is the soundscape as it is saved. */
  disconnectedCallback() {
    this.left.abort();
    if (this.live && !this.isReplaced) this.player.playback.reload();
  }

  get rows() {
    return [...this.list.children];
  }

  get isChanged() {
    return settings(this.rows) !== this.saved;
  }

  onInput(event) {
    if (event.target.matches(".remix-name *")) return;
    if (event.target.matches(".gain, .position")) describe(event.target);
    this.update();
  }

  onChange({ target }) {
    if (target.matches(RECORDED)) this.steps.record(snapshot(this.rows), target);
    this.refresh();
  }

  onClick({ target }) {
    const row = target.closest(".layer");
    if (target.closest(".remove")) this.removeLayer(row);
    if (target.closest(".another-clip")) nextOption(row.querySelector(".clip"));
    if (target.closest(".undo")) this.goTo(this.steps.undo());
    if (target.closest(".redo")) this.goTo(this.steps.redo());
    if (target.closest(".start-over")) this.classList.remove("changed");
  }

  onKey(event) {
    const key = letterOf(event).toLowerCase();
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (!isCommand || !["z", "y"].includes(key) || isText(event.target)) return;
    event.preventDefault();
    this.goTo(key === "y" || event.shiftKey ? this.steps.redo() : this.steps.undo());
  }

  onSubmit(event) {
    if (this.isChanged) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.say(UNCHANGED);
  }

  onRequest({ detail }) {
    if (detail.elt.matches("form")) this.sent = settings(this.rows);
  }

  /* The browser restores the values of fields when somebody comes back, but nothing else. */
  onRestored() {
    for (const field of this.querySelectorAll(".gain, .position, .mute, .clip, .layer-name")) {
      if (isAsSaved(field)) continue;
      const names = field.matches(".layer-name") ? ["change"] : ["input", "change"];
      for (const name of names) field.dispatchEvent(new Event(name, { bubbles: true }));
    }
  }

  /* The remix that replaces this page is ready. What changed since it was saved stays. */
  onReady(event) {
    const { detail } = event;
    if (detail.requestConfig.elt.id !== "saving" || !detail.target.contains(this)) return;
    if (!detail.target.matches(".soundscape")) return;
    this.isReplaced = !this.isChanged;
    if (this.isReplaced) return;
    detail.shouldSwap = false;
    const link = document.createElement("a");
    link.href = detail.xhr.getResponseHeader("HX-Push-Url");
    link.textContent = "Open the remix";
    this.querySelector("#saving").replaceWith(savingNote(SAVED_MEANWHILE, link));
  }

  /* Another soundscape takes the place of this one, unless the studio has stopped the request. */
  onConfirm(event) {
    const isLost = this.isChanged && event.detail.target.contains(this) && !event.defaultPrevented;
    if (isLost && !confirm(QUESTION)) event.preventDefault();
  }

  onLeft() {
    if (this.isReplaced) this.querySelector("form").reset();
  }

  removeLayer(row) {
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    (neighbour?.querySelector(".layer-more > summary") ?? this.querySelector(".add-layer")).focus();
    this.onExchanged();
  }

  /* A row was added, replaced or removed. */
  onExchanged() {
    const add = this.querySelector(".add-layer");
    const hadFocus = document.activeElement === add;
    this.steps.record(snapshot(this.rows));
    this.update();
    if (hadFocus && add.hidden) this.rows.at(-1).querySelector(".layer-name").focus();
  }

  onAnswer({ detail: { elt, successful, target, xhr } }) {
    if (xhr.status === 204 && target.closest(".layers"))
      this.say("There are no more categories to choose from.");
    if (elt.id === "saving" && xhr.status === 404) this.onSaving(false);
    else if (elt.matches("form, #saving") && successful) this.onSaving(true);
  }

  /* While a remix is saved there is nothing to save. It may fail, or be deleted elsewhere. */
  onSaving(exists) {
    const place = this.querySelector("#saving");
    if (!exists) place.replaceChildren();
    this.saved = exists && !place.querySelector(".error") ? this.sent : this.usual;
    this.refresh();
  }

  goTo(state) {
    restore(this.list, state);
    for (const row of this.rows) window.htmx.process(row);
    for (const fader of this.querySelectorAll(".gain, .position")) describe(fader);
    this.update();
    if (document.activeElement === document.body) this.querySelector(".undo, .redo").focus();
  }

  update() {
    this.refresh();
    this.load();
  }

  /* Show what can be done now. */
  refresh() {
    const { isChanged, steps } = this;
    this.classList.toggle("changed", isChanged);
    this.querySelector(".start-over").hidden = !isChanged;
    this.querySelector(".save-remix").setAttribute("aria-disabled", String(!isChanged));
    this.querySelector(".add-layer").hidden = this.rows.length >= Number(this.dataset.max);
    this.querySelector(".undo").setAttribute("aria-disabled", String(!steps.canUndo));
    this.querySelector(".redo").setAttribute("aria-disabled", String(!steps.canRedo));
  }

  async load() {
    this.loading ??= this.loadLayers();
    await this.loading;
    if (!this.live) return;
    const coming = this.rows.map((row) => this.live.fetch(row));
    this.apply();
    for (const sound of coming) sound.then(() => this.apply(), (error) => this.onLost(error));
  }

  async loadLayers() {
    const live = new LiveLayers(this.player.playback, this.left.signal);
    this.say(LOADING);
    try {
      await live.start(this.original);
      this.live = live;
      this.say(LIVE);
    } catch (error) {
      if (!error.detail) this.loading = null; // the connection is lost: the next change tries again
      if (error.name !== "AbortError") this.say(LOST);
    }
  }

  /* The player plays another tape, which has no faders yet. */
  onTape() {
    const { loop } = this.player.playback;
    if (!this.live || !loop || this.live.tape === loop) return;
    this.live = this.loading = null;
    this.load();
  }

  apply() {
    this.live.apply(this.rows);
    for (const row of this.rows) {
      row.classList.toggle("arriving", this.live.isComing(row));
      row.classList.toggle("unheard", !this.live.isHeard(row) && !this.live.isComing(row));
    }
  }

  onLost(error) {
    if (error.name === "AbortError") return;
    this.say(error.detail ?? UNAVAILABLE);
    this.apply();
  }

  say(words) {
    this.querySelector(".mixer-note").textContent = words;
  }
}

function nextOption(select) {
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
  for (const name of ["input", "change"]) select.dispatchEvent(new Event(name, { bubbles: true }));
}

function isText(element) {
  return element.matches("textarea, input:not([type=range], [type=checkbox])");
}

function savingNote(words, link) {
  const note = document.createElement("p");
  note.id = "saving";
  note.role = "status";
  note.append(`${words} `, link);
  return note;
}

keepPageWhile(() => document.querySelector("sound-mixer.changed"));
customElements.define("sound-mixer", SoundMixer);
