/* Browsing while something plays: links change the page's content and leave the sound alone.

   Links lead to new documents as usual while nothing plays, so this module is loaded on demand. */
import { hasUnsaved, QUESTION } from "./leaving.js";
import { clearNotices, notify, OFFLINE } from "./notices.js";
import { nowPlaying } from "./playback.js";

const KEPT = 10; // pages that Back shows as they were
const RECORDINGS = "/account/recordings/"; // only its own document may use the microphone
const ELSEWHERE = `[target], [download], [href*='/admin/'], [href*='/api/'], [href*='/media/'], [href*='${RECORDINGS}']`;
const LIVING = "sound-player, sound-slideshow, [hx-trigger*='every']"; // does not go on after having been put away
const PARTS = ["header.site", "#main"];

const kept = new Map(); // pages by URL
const scrolls = new Map(); // how far they were scrolled
let shown = here();
let visits = 0;

function here() {
  return location.pathname + location.search;
}

/* Whether leaving the document would end what is heard. */
function isListening() {
  const playback = nowPlaying();
  return Boolean(playback) && (playback.isOn || !playback.isHeld);
}

function onClick(event) {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || !isListening() || !isPlain(event) || !isPage(link)) return;
  event.preventDefault();
  if (!hasUnsaved() || confirm(QUESTION)) open(link.href);
}

function isPlain({ button, altKey, ctrlKey, metaKey, shiftKey }) {
  return button === 0 && !altKey && !ctrlKey && !metaKey && !shiftKey;
}

function isPage(link) {
  const isAnchor = link.hash && link.pathname + link.search === here();
  return link.origin === location.origin && !link.matches(ELSEWHERE) && !isAnchor;
}

async function open(url) {
  const page = await load(url);
  if (!page) return;
  putAway();
  history.pushState(null, "", page.url + new URL(url).hash);
  show(page);
  const place = location.hash && document.getElementById(location.hash.slice(1));
  if (place) place.scrollIntoView();
  else scrollTo(0, 0);
}

async function back(url) {
  const page = kept.get(url) ?? (await load(url));
  if (!page) return;
  putAway();
  kept.delete(url);
  show(page);
  scrollTo(0, scrolls.get(url) ?? 0);
}

/* Fetch a page. Return nothing if another one was asked for meanwhile, or if it is none of ours:
   then the browser opens it. */
async function load(url) {
  const visit = ++visits;
  document.body.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    const page = await read(answer);
    if (visit !== visits) return null;
    if (page) return page;
    location.assign(url);
  } catch {
    if (visit === visits) notify(OFFLINE);
  } finally {
    if (visit === visits) document.body.removeAttribute("aria-busy");
  }
  return null;
}

async function read(answer) {
  const isHtml = answer.headers.get("Content-Type")?.startsWith("text/html");
  if (!isHtml) return answer.body?.cancel();
  const found = new DOMParser().parseFromString(await answer.text(), "text/html");
  const parts = PARTS.map((part) => found.querySelector(part));
  if (!parts.every(Boolean) || found.querySelector("body script")) return null; // it needs its own document
  await addStyles(found);
  const scripts = [...found.querySelectorAll("script[type=module]")].map((each) => each.src);
  return { url: answer.url, title: found.title, parts, scripts };
}

/* Styles of pages are independent of each other, so those of earlier pages stay. */
async function addStyles(found) {
  const links = [...found.querySelectorAll("link[rel=stylesheet], meta[name=soundscape-styles]")];
  const known = new Set([...document.querySelectorAll("link[rel=stylesheet]")].map((each) => each.href));
  const wanted = links.map((each) => each.href ?? new URL(each.content, location.href).href);
  await Promise.all(wanted.filter((href) => !known.has(href)).map(addStyle));
}

function addStyle(href) {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((resolve) => (link.onload = link.onerror = resolve));
}

/* Keep the page for the way back. */
function putAway() {
  scrolls.set(shown, scrollY);
  const parts = PARTS.map((part) => document.querySelector(part));
  if (parts[1].querySelector(LIVING)) return;
  kept.set(shown, { title: document.title, parts, scripts: [] });
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
}

function show({ title, parts, scripts }) {
  PARTS.forEach((part, place) => document.querySelector(part).replaceWith(parts[place]));
  shown = here();
  document.title = title;
  clearNotices();
  document.getElementById("announcer").textContent = title;
  for (const script of scripts) import(script);
  for (const part of parts) window.htmx.process(part);
  window.htmx.trigger(parts[1], "htmx:load");
  window.dispatchEvent(new Event("pageshow")); // scripts that know this page start anew
  parts[1].focus({ preventScroll: true });
}

/* What was written may be shown on the pages that were put away. */
function forgetPages({ detail }) {
  if (detail.successful && detail.requestConfig.verb !== "get") kept.clear();
}

/* Back and Forward. This takes the place of htmx's handler, which would reload the page: Chromium
   calls the listeners of a window in the order of their addition, so none can stop an earlier one. */
function onPopState() {
  const url = here();
  if (url === shown) return;
  if (!isListening() || url.includes(RECORDINGS)) location.reload();
  else if (hasUnsaved() && !confirm(QUESTION)) history.pushState(null, "", shown);
  else back(url);
}

document.addEventListener("click", onClick);
window.onpopstate = onPopState;
document.addEventListener("htmx:afterRequest", forgetPages);
for (const name of ["htmx:pushedIntoHistory", "htmx:replacedInHistory"])
  document.addEventListener(name, () => (shown = here()));
