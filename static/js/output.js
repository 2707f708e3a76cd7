/* From the tapes to the loudspeakers: the sleep timer's fade, then the volume. */
import { recall, remember } from "./memory.js";
import { audioContext, glide } from "./sound.js";

const VOLUME = "soundscapes.volume";
let nodes = null;
let percent = Number(recall(VOLUME) ?? 100);

/* The node to which tapes connect. */
export function output() {
  return graph().fade;
}

export function volume() {
  return percent;
}

export function setVolume(value) {
  percent = value;
  remember(VOLUME, value);
  if (nodes) glide(nodes.volume.gain, level());
}

export function fadeTo(level, seconds) {
  if (nodes) glide(nodes.fade.gain, level, seconds);
}

function graph() {
  const context = audioContext();
  if (nodes?.fade.context === context) return nodes;
  if (navigator.audioSession) navigator.audioSession.type = "playback"; // iOS: despite the mute switch
  nodes = {
    volume: new GainNode(context, { gain: level() }),
    fade: new GainNode(context),
  };
  nodes.volume.connect(context.destination);
  nodes.fade.connect(nodes.volume);
  return nodes;
}

/* Perceived loudness follows the square more evenly. */
export function level() {
  return (percent / 100) ** 2;
}
