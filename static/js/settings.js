/* How soundscapes are played, as this browser remembers it. */
import { recall, remember } from "./memory.js";

const ENDLESS = "soundscapes.endless";
const HEADPHONES = "soundscapes.headphones";

/* Whether a soundscape goes on after its end, rather than from its beginning. */
export const isEndless = () => recall(ENDLESS) !== "off";
export const setEndless = (isOn) => remember(ENDLESS, isOn ? "on" : "off");

/* Whether layers are placed around the head. */
export const hasHeadphones = () => recall(HEADPHONES) === "on";
export const setHeadphones = (isOn) => remember(HEADPHONES, isOn ? "on" : "off");
