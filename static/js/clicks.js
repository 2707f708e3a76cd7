/* Browsers let a click start the sound or copy only until it waits for the network, so what these
   clicks need is here before them. Pages with Play or Copy load it before site.js, which shows these
   buttons. */
import "./copying.js";
import { unlock } from "./sound.js";
import "./tools.js";

document.addEventListener("click", async ({ target }) => {
  if (target.closest(".play, [data-play], [data-compare]")) unlock();
  const player = target.closest(".play")?.closest("sound-player:not(:defined)");
  if (!player) return;
  await customElements.whenDefined("sound-player"); // the click was too early
  player.playback.toggle();
});
