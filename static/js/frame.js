/* The player alone, for a soundscape embedded in another site. */
import "./player.js";

document.documentElement.classList.add("scripted");
