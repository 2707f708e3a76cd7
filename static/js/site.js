import "./mixer.js";
import "./player.js";
import { setUpAnnouncer } from "./announcer.js";
import { setUpHistory } from "./history.js";
import { setUpStudio } from "./studio.js";

document.documentElement.classList.add("scripted");
setUpAnnouncer();
setUpHistory();
setUpStudio();
