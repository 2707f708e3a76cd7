import { setUpAnnouncer } from "./announcer.js";
import { setUpPlayers } from "./player.js";
import { setUpStudio } from "./studio.js";

document.documentElement.classList.add("scripted");
setUpAnnouncer();
setUpPlayers();
setUpStudio();
