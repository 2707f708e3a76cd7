/* The parts that a page has, and no others, are fetched: at once, and whenever htmx brings one. */
import { setUpAnnouncer } from "./announcer.js";

const PARTS = {
  "sound-player": () => import("./player.js"),
  "sound-mixer": () => import("./mixer.js"),
  "bulk-selection": () => import("./history.js"),
  "#photo-form": () => import("./studio.js"),
};

function fetchParts() {
  for (const [selector, load] of Object.entries(PARTS)) {
    if (document.querySelector(selector)) load();
  }
}

document.documentElement.classList.add("scripted");
setUpAnnouncer();
fetchParts();
document.addEventListener("htmx:load", fetchParts);
