/* The parts that a page has, and no others, are fetched: at once, and whenever htmx brings one. */
import { setUpAnnouncer } from "./announcer.js";

const PARTS = {
  ".soundscape": () => Promise.all([import("./player.js"), import("./mixer.js")]),
  "bulk-selection": () => import("./history.js"),
  "#photo-form": () => import("./studio.js"),
};

function fetchParts() {
  for (const [selector, load] of Object.entries(PARTS)) {
    if (document.querySelector(selector)) load();
  }
}

/* A click on Play that comes before the player itself is not lost. */
document.addEventListener("click", async (event) => {
  const player = event.target.closest(".play")?.closest("sound-player:not(:defined)");
  if (!player) return;
  await customElements.whenDefined("sound-player");
  player.play();
});

document.documentElement.classList.add("scripted");
setUpAnnouncer();
fetchParts();
document.addEventListener("htmx:load", fetchParts);
