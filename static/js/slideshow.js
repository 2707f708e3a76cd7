/* <sound-slideshow>: soundscapes one after another on the whole screen. Images move slowly, and both
   images and sounds crossfade. */
import { recall, remember } from "./memory.js";
import "./mini_player.js";
import { nowPlaying, onChange, playbackOf, sleepTimer, trackOf } from "./playback.js";
import { clock } from "./waveform.js";

const LENGTH = "soundscapes.slide";
const FADE = 2; // seconds
const IDLE = 4000; // milliseconds after which the controls disappear
const EARLY = 20_000; // milliseconds after which the next sound is fetched
const RETRY = 10_000; // milliseconds after which what cannot be played is left

class SoundSlideshow extends HTMLElement {
  connectedCallback() {
    this.left = new AbortController();
    this.slides = [...this.querySelector("template").content.children];
    this.find = (name) => this.querySelector(name);
    this.at = 0;
    this.isChanging = false;
    this.lostUntil = 0;
    this.setUpControls();
    this.take(playbackOf(trackOf(this.slides[0])));
    this.showImage(this.slides[0]);
    this.ticking = setInterval(() => this.tick(), 1000);
    onChange(() => this.show(), this.left.signal);
    this.show();
    this.wake();
  }

  /* The sound goes on at the foot of the next page. */
  disconnectedCallback() {
    this.left.abort();
    clearInterval(this.ticking);
    clearTimeout(this.resting);
    this.playback.letGo();
    this.releaseScreen();
  }

  setUpControls() {
    const { signal } = this.left;
    const length = this.find(".slide-length");
    length.value = recall(LENGTH) ?? length.value;
    length.addEventListener("change", () => remember(LENGTH, length.value));
    this.find(".sleep").addEventListener("change", ({ target }) => sleepTimer.set(Number(target.value)));
    this.find(".slide-play").addEventListener("click", () => this.toggle());
    for (const button of this.querySelectorAll("[data-step]"))
      button.addEventListener("click", () => this.step(Number(button.dataset.step)));
    for (const name of ["pointermove", "pointerdown", "focusin"])
      this.addEventListener(name, () => this.wake());
    document.addEventListener("keydown", (event) => this.press(event), { signal });
    document.addEventListener("visibilitychange", () => this.holdScreen(), { signal });
  }

  get isOn() {
    return nowPlaying() === this.playback && this.playback.isOn;
  }

  /* Whether it goes on, although what is shown cannot be played, until the sleep timer ends. */
  get isLost() {
    return Date.now() < this.lostUntil;
  }

  press({ key, target, altKey, ctrlKey, metaKey }) {
    this.wake();
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
    const isPlain = !altKey && !ctrlKey && !metaKey;
    if (step && isPlain && !target.closest("select, dialog")) this.step(step);
  }

  toggle() {
    if (this.isChanging) return;
    this.lostUntil = 0;
    this.playback.toggle();
    if (this.isOn && !document.fullscreenElement) this.requestFullscreen?.().catch(() => {});
  }

  /* Hold the playback that is shown, and let go of the one before. */
  take(playback) {
    const old = this.playback;
    playback.hold();
    this.playback = playback;
    old?.letGo();
    this.since = Date.now();
  }

  async step(by) {
    if (this.isChanging) return;
    this.isChanging = true;
    this.show();
    this.at = (this.at + by + this.slides.length) % this.slides.length;
    await this.change(this.slides[this.at]);
    this.isChanging = false;
    this.show();
  }

  async change(slide) {
    const next = playbackOf(trackOf(slide));
    this.since = Date.now();
    if (next === this.playback) return;
    this.showImage(slide);
    const isGoing = this.isOn || this.isLost;
    if (isGoing) await next.play();
    if (!this.isConnected) return; // it was closed meanwhile
    this.take(next);
    if (!isGoing || !next.note) this.lostUntil = 0;
    else this.lostUntil = sleepTimer.minutes ? sleepTimer.end : Infinity;
  }

  async showImage({ dataset }) {
    const image = Object.assign(new Image(), { src: dataset.artwork, alt: dataset.alt, className: "slide" });
    await image.decode().catch(() => {});
    const old = this.querySelectorAll(".slide");
    this.find(".slides").append(image);
    image.getBoundingClientRect(); // so that the class changes something that was drawn
    image.classList.add("shown");
    setTimeout(() => old.forEach((each) => each.remove()), 1000 * FADE);
  }

  tick() {
    this.showTime();
    if (this.isOn) this.lostUntil = 0;
    if (this.isChanging || !(this.isOn || this.isLost)) return;
    const passed = Date.now() - this.since;
    if (this.isLost && passed > RETRY) return this.step(1);
    const next = playbackOf(trackOf(this.slides[(this.at + 1) % this.slides.length]));
    if (passed > EARLY && next !== this.playback) next.prepare();
    if (passed > 60_000 * Number(this.find(".slide-length").value)) this.step(1);
  }

  show() {
    const { isOn } = this;
    this.classList.toggle("is-on", isOn);
    this.find(".slide-play").setAttribute("aria-label", isOn ? "Pause" : "Play");
    for (const button of this.querySelectorAll(".slide-button"))
      button.setAttribute("aria-disabled", String(this.isChanging));
    this.write(".slide-title", this.slides[this.at].dataset.title);
    this.write(".slide-note", this.playback.note);
    const sleep = this.find(".sleep");
    sleep.value = sleepTimer.minutes || "";
    if (sleep.selectedIndex < 0) sleep.value = "other";
    this.showTime();
    this.holdScreen();
  }

  showTime() {
    const now = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    this.write("time", now);
    this.write(".sleep-left", sleepTimer.minutes ? `${clock(sleepTimer.left)} left` : "");
  }

  write(name, words) {
    const place = this.find(name);
    if (place.textContent !== words) place.textContent = words;
  }

  /* Show the controls for a moment. */
  wake() {
    this.classList.remove("idle");
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.classList.toggle("idle", this.isOn), IDLE);
  }

  /* Keep the screen on while it plays. Browsers take this back when the page is hidden. */
  async holdScreen() {
    const isNeeded = this.isOn && !document.hidden;
    if (isNeeded && !this.screen) {
      this.screen = navigator.wakeLock?.request("screen").catch(() => null);
      (await this.screen)?.addEventListener("release", () => (this.screen = null));
    } else if (!isNeeded) this.releaseScreen();
  }

  async releaseScreen() {
    const { screen } = this;
    this.screen = null;
    (await screen)?.release();
  }
}

customElements.define("sound-slideshow", SoundSlideshow);
