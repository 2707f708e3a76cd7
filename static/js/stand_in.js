/* A stand-in for Web Audio, which some browsers stop in the background, such as Firefox on Android:
   an audio element plays the file until the page is seen again. */
import { level } from "./output.js";
import { playElement } from "./sound.js";

export class StandIn {
  /* `onEnd` is called when the page is seen again. */
  constructor({ src, position, duration }, onEnd) {
    this.element = new Audio(src);
    this.element.loop = true;
    this.element.volume = level();
    this.element.currentTime = position % duration;
    playElement(this.element).catch(() => {}); // not allowed either: the page says so when it is seen
    const seen = () => {
      this.end();
      onEnd();
    };
    document.addEventListener("visibilitychange", seen, { once: true });
  }

  end() {
    this.element.pause();
  }
}
