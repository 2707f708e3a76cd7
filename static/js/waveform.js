/* The waveform as a slider for pointer and keyboard. Its value text is a time. */
const STEP = 5; // seconds
const PAGE = 0.1; // of the duration

export function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

export class Waveform {
  constructor(slider, duration, onSeek, onToggle) {
    this.slider = slider;
    this.duration = duration;
    this.position = 0;
    this.onSeek = onSeek;
    this.onToggle = onToggle;
    this.playhead = slider.querySelector(".playhead line");
    slider.addEventListener("keydown", (event) => this.onKey(event));
    slider.addEventListener("pointerdown", (event) => this.onPointerDown(event));
    slider.addEventListener("pointermove", (event) => this.onPointerMove(event));
  }

  show(position) {
    this.position = position;
    const share = (100 * position) / this.duration;
    for (const end of ["x1", "x2"]) this.playhead.setAttribute(end, `${share.toFixed(3)}%`);
    // The picture is replaced once the soundscape is measured.
    this.slider.querySelector(".played-part")?.setAttribute("width", `${share.toFixed(3)}%`);
    const second = String(Math.floor(position));
    if (this.slider.getAttribute("aria-valuenow") === second) return;
    this.slider.setAttribute("aria-valuenow", second);
    this.slider.setAttribute("aria-valuetext", `${clock(position)} of ${clock(this.duration)}`);
  }

  onKey(event) {
    const now = this.position;
    const page = Math.max(STEP, this.duration * PAGE);
    const step = Math.min(STEP, Math.max(1, this.duration / 20));
    const target = {
      ArrowRight: now + step,
      ArrowUp: now + step,
      ArrowLeft: now - step,
      ArrowDown: now - step,
      PageUp: now + page,
      PageDown: now - page,
      Home: 0,
      End: this.duration - 1,
    }[event.key];
    const isToggle = event.key === " ";
    const isOurs = isToggle || target !== undefined;
    if (!isOurs || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (isToggle) this.onToggle();
    else this.seek(target);
  }

  onPointerDown(event) {
    if (event.button !== 0) return;
    this.slider.setPointerCapture(event.pointerId);
    this.seekTo(event);
  }

  onPointerMove(event) {
    if (this.slider.hasPointerCapture(event.pointerId)) this.seekTo(event);
  }

  seekTo(event) {
    const box = this.slider.getBoundingClientRect();
    this.seek((this.duration * (event.clientX - box.left)) / box.width);
  }

  seek(position) {
    this.onSeek(Math.min(Math.max(0, position), this.duration - 0.01));
  }
}
