/* <sound-player>: shows a soundscape's playback and controls it.

   The server renders its parts. Where scripts run, they replace the plain <audio controls>. */
import { setVolume, volume } from "./output.js";
import { onChange, playbackOf, sleepTimer, trackOf, waking } from "./playback.js";
import { hasHeadphones, isEndless, setEndless, setHeadphones } from "./settings.js";
import { clock, Waveform } from "./waveform.js";

const SHORTEST = 50; // ms between frames: sixty a second double the processor time (benchmarks/listening.py)
const LONGEST = 500;

export class SoundPlayer extends HTMLElement {
  connectedCallback() {
    this.track = trackOf(this);
    this.playback = playbackOf(this.track, this.dataset.continues);
    this.left = new AbortController();
    this.button = this.querySelector(".play");
    this.note = this.querySelector(".player-note");
    this.time = this.querySelector(".time");
    this.waveform = new Waveform(
      this.querySelector(".scrub"),
      this.track.duration,
      (to) => this.playback.seek(to),
      () => this.playback.toggle(),
    );
    this.button.addEventListener("click", () => this.playback.toggle());
    for (const hint of ["pointerenter", "focus"])
      this.button.addEventListener(hint, () => this.playback.prepare(), { once: true });
    this.playback.hold();
    if ("fresh" in this.dataset) this.playback.prepare();
    this.setUpVolume();
    this.setUpSleep();
    this.setUpSettings();
    this.setUpSpectrogram();
    onChange(() => this.onChange(), this.left.signal);
    this.onChange();
  }

  disconnectedCallback() {
    this.left.abort();
    this.playback.letGo();
  }

  onChange() {
    const { state, isOn, note } = this.playback;
    this.dataset.state = state;
    this.button.setAttribute("aria-label", isOn ? "Pause" : "Play");
    this.button.toggleAttribute("aria-busy", state === "loading");
    if (this.note.textContent !== note) this.note.textContent = note;
    this.show();
    if (isOn) this.showMiniPlayer();
    this.follow();
  }

  /* It goes on at the foot of other pages. */
  showMiniPlayer() {
    if (document.querySelector("header.site")) import("./mini_player.js");
  }

  follow() {
    if (this.isFollowing || this.playback.state !== "playing") return;
    this.isFollowing = true;
    const next = () => {
      this.isFollowing = false;
      if (this.left.signal.aborted) return;
      this.show();
      this.follow();
    };
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const pixel = (1000 * this.track.duration) / this.clientWidth;
    const wait = isCalm ? LONGEST : Math.min(LONGEST, Math.max(SHORTEST, pixel));
    setTimeout(() => requestAnimationFrame(next), wait);
  }

  show() {
    const { position } = this.playback;
    const { duration } = this.track;
    this.waveform.show(Math.min(position, duration));
    const text = `${clock(position)} / ${isEndless() ? "∞" : clock(duration)}`;
    if (this.time.textContent !== text) this.time.textContent = text;
  }

  setUpVolume() {
    const slider = this.querySelector(".volume");
    slider.value = volume();
    const describe = () => slider.setAttribute("aria-valuetext", `${slider.value} %`);
    slider.addEventListener("input", () => {
      describe();
      setVolume(slider.value);
    });
    describe();
  }

  setUpSleep() {
    const choice = this.querySelector(".sleep");
    const left = this.querySelector(".sleep-left");
    const hour = this.querySelector(".sleep-at");
    const showHour = () => {
      choice.value = "at";
      hour.querySelector("input").value = new Date(sleepTimer.end).toTimeString().slice(0, 5);
    };
    const show = () => {
      if (choice.value !== "at") choice.value = sleepTimer.minutes || "";
      if (choice.selectedIndex < 0) showHour(); // another player set it
      hour.hidden = choice.value !== "at";
      left.textContent = sleepTimer.minutes ? `${clock(sleepTimer.left)} left` : "";
    };
    choice.addEventListener("change", () => {
      hour.hidden = choice.value !== "at";
      if (hour.hidden) sleepTimer.set(Number(choice.value));
      else hour.querySelector("input").focus();
    });
    hour.addEventListener("change", ({ target }) => target.value && sleepTimer.setAt(target.value));
    onChange(show, this.left.signal);
    show();
  }

  setUpSettings() {
    const set = (name, isOn, change) => {
      const box = this.querySelector(name);
      box.checked = isOn;
      box.addEventListener("change", () => change(box.checked));
    };
    set(".endless", isEndless(), (isOn) => this.change(() => setEndless(isOn)));
    set(".headphones", hasHeadphones(), (isOn) => this.change(() => setHeadphones(isOn)));
    set(".waking", waking.isOn, (isOn) => (waking.isOn = isOn));
  }

  /* Change how it is played, and go on at the same place. */
  change(set) {
    set();
    this.playback.reload();
    this.show();
  }

  setUpSpectrogram() {
    const toggle = this.querySelector(".spectrogram-toggle");
    if (!toggle) return;
    const parts = this.querySelectorAll(".spectrogram, .spectrogram-key");
    const image = this.querySelector(".spectrogram");
    let attempts = 20; // it is drawn when it is asked for, which takes a moment
    image.addEventListener("error", () => {
      if (attempts--) setTimeout(() => (image.src = image.src), 500);
    });
    toggle.addEventListener("click", () => {
      const isShown = toggle.getAttribute("aria-expanded") === "true";
      for (const part of parts) part.hidden = isShown;
      toggle.setAttribute("aria-expanded", String(!isShown));
    });
  }
}

customElements.define("sound-player", SoundPlayer);
