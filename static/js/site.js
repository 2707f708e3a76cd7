/* What every page has. A page's own parts stand in its head; a soundscape may also come by htmx. */
import { setUpAnnouncer } from "./announcer.js";

function fetchParts() {
  if (!document.querySelector(".soundscape")) return;
  if (!customElements.get("sound-player")) import("./player.js");
  if (!customElements.get("sound-mixer")) import("./mixer.js");
}

/* A soundscape's styles, fetched while the server works on the first one. */
function fetchStyles() {
  const wanted = document.querySelector("meta[name=soundscape-styles]");
  if (!wanted) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = wanted.content;
  wanted.replaceWith(link);
}

/* A click on Play that comes before the player itself is not lost. */
document.addEventListener("click", async (event) => {
  const player = event.target.closest(".play")?.closest("sound-player:not(:defined)");
  if (!player) return;
  await customElements.whenDefined("sound-player");
  player.play();
});

/* Buttons that copy a field: <button data-copy="id of the field">. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) (await import("./copying.js")).copy(button);
});

document.documentElement.classList.add("scripted");
setUpAnnouncer();
document.addEventListener("htmx:beforeRequest", fetchStyles);
document.addEventListener("htmx:load", fetchParts);
