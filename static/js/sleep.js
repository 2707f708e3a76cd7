/* The sleep timer fades during the last minute, then stops. It uses the wall clock, because
   browsers slow down the timers of background tabs. */
const FADE = 60; // seconds

export class SleepTimer {
  /* onTick(seconds left, level from 0 to 1) is called every second, onEnd() at the end. */
  constructor(onTick, onEnd) {
    this.onTick = onTick;
    this.onEnd = onEnd;
  }

  set(minutes) {
    this.clear();
    if (!minutes) return;
    this.end = Date.now() + minutes * 60_000;
    this.ticking = setInterval(() => this.tick(), 1000);
    this.tick();
  }

  clear() {
    clearInterval(this.ticking);
    this.ticking = null;
    this.onTick(null, 1);
  }

  tick() {
    const left = Math.max(0, (this.end - Date.now()) / 1000);
    this.onTick(left, Math.min(1, left / FADE));
    if (left > 0) return;
    this.onEnd();
    this.clear();
  }
}
