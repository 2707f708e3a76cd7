/* Keyboard shortcuts, and the dialog that lists them under "?". */
import { letterOf } from "./keys.js";
import { recall, remember } from "./memory.js";

const OFF = "soundscapes.shortcuts-off"; // for speech input, which types single letters

/* What a single key does, and whether it does something on this page. site.js passes these keys. */
const KEYS = [
  { key: "?", words: "List the keyboard shortcuts", act: show },
  { key: "s", words: "Go to the studio", act: () => open("Studio"), isHere: () => link("Studio") },
  { key: "h", words: "Go to the history", act: () => open("History"), isHere: () => link("History") },
  { key: "/", words: "Search", act: () => searchField().focus(), isHere: searchField },
  { key: "k", words: "Play or pause", act: () => playButton().click(), isHere: playButton },
];

/* What parts of pages do with keys while they have the focus. */
const OTHERS = [
  { key: "Space", words: "On the waveform: play or pause", isHere: waveform },
  { key: "← →", words: "On the waveform: go back or forward", isHere: waveform },
  { key: "Escape", words: "Close a menu or a form", isHere: () => document.querySelector("details") },
  { key: "Shift + click", words: "On a check box: select a range", isHere: searchField },
];

function searchField() {
  return document.getElementById("id_q");
}

function waveform() {
  return document.querySelector(".scrub");
}

function playButton() {
  return document.querySelector("sound-player .play, .slide-play, .mini-player:not([hidden]) .mini-play");
}

function link(name) {
  const links = [...document.querySelectorAll("header nav a")];
  return links.find((each) => each.textContent === name);
}

function open(name) {
  link(name).click();
}

export function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (document.querySelector("dialog[open]") || (recall(OFF) && event.key !== "?")) return;
  const letter = letterOf(event);
  const shortcut = KEYS.find(({ key }) => key === letter);
  if (!shortcut || (shortcut.isHere && !shortcut.isHere())) return;
  event.preventDefault();
  shortcut.act();
}

export function show() {
  addStyles();
  const dialog = document.createElement("dialog");
  dialog.className = "shortcuts";
  dialog.setAttribute("aria-labelledby", "shortcuts-heading");
  const here = [...KEYS, ...OTHERS].filter((each) => !each.isHere || each.isHere());
  dialog.append(heading(), list(here), choice(), closeButton(dialog));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

function addStyles() {
  const { shortcuts } = document.querySelector("[data-shortcuts]").dataset;
  if (document.querySelector(`link[href="${shortcuts}"]`)) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = shortcuts;
  document.head.append(link);
}

function element(name, ...content) {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}

function heading() {
  return Object.assign(element("h2", "Keyboard shortcuts"), { id: "shortcuts-heading" });
}

function list(shortcuts) {
  const rows = shortcuts.map(({ key, words }) =>
    element("div", element("dt", element("kbd", key)), element("dd", words)),
  );
  return element("dl", ...rows);
}

/* WCAG 2.1.4: somebody must be able to turn single-key shortcuts off. */
function choice() {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = !recall(OFF);
  box.addEventListener("change", () => remember(OFF, box.checked ? "" : "off"));
  return element("p", element("label", box, " Use single keys"));
}

function closeButton(dialog) {
  const button = element("button", "Close");
  button.className = "button small";
  button.addEventListener("click", () => dialog.close());
  return button;
}
