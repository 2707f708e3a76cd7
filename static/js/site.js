/* Shared by all pages. A page's head loads its own scripts; htmx may also insert a soundscape. */
import { setUpAnnouncer } from "./announcer.js";

function fetchParts() {
  if (!document.querySelector(".soundscape")) return;
  if (!customElements.get("sound-player")) import("./player.js");
  if (!customElements.get("sound-mixer")) import("./mixer.js");
}

/* Fetch the styles of a soundscape while the server renders the first one. */
function fetchStyles() {
  const wanted = document.querySelector("meta[name=soundscape-styles]");
  if (!wanted) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = wanted.content;
  wanted.replaceWith(link);
}

/* Keep a click on Play that comes before the player has loaded. */
document.addEventListener("click", async (event) => {
  const player = event.target.closest(".play")?.closest("sound-player:not(:defined)");
  if (!player) return;
  await customElements.whenDefined("sound-player");
  player.play();
});

/* Copy buttons: <button data-copy="id of the field">. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) (await import("./copying.js")).copy(button);
});

document.documentElement.classList.add("scripted");
setUpAnnouncer();
document.addEventListener("htmx:beforeRequest", fetchStyles);
document.addEventListener("htmx:load", fetchParts);
