/* A soundscape inside a page of somebody else's: the player, and nothing besides. */
import "./player.js";

document.documentElement.classList.add("scripted");
