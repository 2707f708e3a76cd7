/* The sleep timer fades during the last minute, then stops. It uses the wall clock, because
   browsers slow down the timers of background tabs. */
const FADE = 60; // seconds
const FADED = 500; // milliseconds in which a pause has faded out

export class SleepTimer {
  /* onTick(seconds left, level from 0 to 1) is called every second, onEnd() at the end. */
  constructor(onTick, onEnd) {
    this.onTick = onTick;
    this.onEnd = onEnd;
    this.minutes = 0;
  }

  get left() {
    return Math.max(0, (this.end - Date.now()) / 1000);
  }

  /* Stop in some minutes, 0 for never. */
  set(minutes) {
    this.clear();
    if (!minutes) return;
    this.minutes = minutes;
    this.end = Date.now() + minutes * 60_000;
    this.ticking = setInterval(() => this.tick(), 1000);
    this.tick();
  }

  /* Stop at an hour of the day, such as "07:30". */
  setAt(time) {
    const [hours, minutes] = time.split(":").map(Number);
    const end = new Date();
    end.setHours(hours, minutes, 0, 0);
    if (end <= new Date()) end.setDate(end.getDate() + 1);
    this.set((end - Date.now()) / 60_000);
  }

  clear() {
    clearInterval(this.ticking);
    this.minutes = 0;
    this.onTick(null, 1);
  }

  tick() {
    const { left } = this;
    this.onTick(left, Math.min(1, left / FADE));
    if (left > 0) return;
    clearInterval(this.ticking);
    this.onEnd();
    setTimeout(() => this.clear(), FADED); // the level rises when nothing sounds any more
  }
}
