/* On all pages. htmx may insert a soundscape into any. */
import { setUpNotices } from "./notices.js";

function fetchParts() {
  if (document.querySelector("[type=password]")) import("./passwords.js").then((part) => part.addToggles());
  if (!document.querySelector(".soundscape")) return;
  if (!customElements.get("sound-player")) import("./player.js");
  if (!customElements.get("sound-mixer")) import("./mixer.js");
}

/* While the server renders the first soundscape. */
function fetchStyles() {
  const wanted = document.querySelector("meta[name=soundscape-styles]");
  if (!wanted) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = wanted.content;
  wanted.replaceWith(link);
}

function fetchHelpers() {
  import("./clicks.js");
  import("./focus.js");
  import("./announcer.js");
  import("./renaming.js");
}

/* Load what few clicks and keys need when it is needed. */
const TOOLS = "[data-play], [data-compare], [data-copy], [data-share], [data-shortcuts], #theme";
async function useTool(event) {
  const { key, target } = event;
  const isTool = key
    ? /^([?/hks]|\P{ASCII})$/u.test(key) && !target.closest("input, select, textarea")
    : target.closest(TOOLS);
  if (isTool) (await import("./tools.js")).use(event);
}

/* Show what is wrong with a field, even inside something closed. */
document.addEventListener(
  "invalid",
  async (event) => {
    event.preventDefault();
    event.target.closest("details")?.setAttribute("open", "");
    (await import("./validation.js")).explain(event.target);
  },
  true,
);

/* After an answer with errors, start at the first one. */
async function showFirstError() {
  const wrong = document.querySelector("main [aria-invalid=true], main .message.error");
  if (wrong) (await import("./validation.js")).startAt(wrong);
}

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
document.cookie = `time_zone=${zone}; path=/; max-age=31536000; samesite=lax`;
document.documentElement.classList.add("scripted", ...(navigator.share ? ["can-share"] : []));
showFirstError();
setUpNotices();
for (const name of ["click", "change", "keydown"]) document.addEventListener(name, useTool);
document.addEventListener("htmx:confirm", fetchStyles);
document.addEventListener("htmx:beforeRequest", fetchHelpers, { once: true });
document.addEventListener("htmx:load", fetchParts);

/* Delete what others kept offline. */
const { person } = document.documentElement.dataset;
const names = person === undefined ? [] : await window.caches?.keys();
for (const name of names ?? [])
  if (/^kept-/.test(name) && name !== `kept-${person}`) caches.delete(name);
