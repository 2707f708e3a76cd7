/* The sleep timer: the last minute fades, then it stops. By the wall clock, so that a tab in the
   background, whose timers are slowed, stops in time too. */
const FADE = 60; // seconds

export class SleepTimer {
  /* onTick hears the seconds left and the level (0 to 1), onEnd that the time is up. */
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
