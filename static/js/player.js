/* <sound-player>: one soundscape in an endless loop without a gap.

   The server renders its parts. Where scripts run, they replace the plain <audio controls>. The
   mixer may replace its tape: see mixer.js. */
import { pauseSession, reportPosition, showSession } from "./media_session.js";
import { recall, remember } from "./memory.js";
import { SleepTimer } from "./sleep.js";
import { audioContext, fetchBuffer, glide } from "./sound.js";
import { BufferTape, StreamTape } from "./loop_player.js";
import { clock, Waveform } from "./waveform.js";

const VOLUME = "soundscapes.volume";
let sounding = null; // one player at a time, also among tabs
const tabs = new BroadcastChannel("soundscapes.playing");
tabs.addEventListener("message", () => sounding?.pause());

export class SoundPlayer extends HTMLElement {
  connectedCallback() {
    this.duration = Number(this.dataset.duration);
    this.position_ = 0;
    this.loop = null;
    this.left = new AbortController();
    this.button = this.querySelector(".play");
    this.note = this.querySelector(".player-note");
    this.time = this.querySelector(".time");
    const toggle = () => (this.isOn ? this.pause() : this.play());
    const scrub = this.querySelector(".scrub");
    this.waveform = new Waveform(scrub, this.duration, (to) => this.seek(to), toggle);
    this.button.addEventListener("click", toggle);
    for (const hint of ["pointerenter", "focus"])
      this.button.addEventListener(hint, () => this.prepare(), { once: true });
    this.setUpVolume();
    this.setUpSleep();
    this.setUpSpectrogram();
    this.setState("paused");
    this.show();
  }

  disconnectedCallback() {
    this.left.abort();
    this.pause();
    this.sleep.clear();
    this.loop?.release();
  }

  get isOn() {
    return this.state !== "paused";
  }

  get position() {
    return this.state === "playing" ? this.loop.position : this.position_;
  }

  /* Tapes connect here. The chain is the sleep timer's fade, then the volume. */
  get output() {
    if (!this.fade) {
      const context = audioContext();
      this.volume = new GainNode(context, { gain: this.level });
      this.volume.connect(context.destination);
      this.fade = new GainNode(context);
      this.fade.connect(this.volume);
    }
    return this.fade;
  }

  async play() {
    if (this.isOn) return;
    if (sounding && sounding !== this) sounding.pause();
    sounding = this;
    tabs.postMessage(null);
    this.setState("loading");
    try {
      await audioContext().resume();
      this.loop ??= await this.loadMix();
      if (this.state !== "loading") return; // paused meanwhile
      await this.loop.start(this.position_);
      this.setState("playing");
      this.say("");
      showSession(this);
      this.follow();
    } catch (error) {
      if (error.name === "AbortError") return;
      this.setState("paused");
      this.say("The soundscape could not be loaded. Check your connection and press Play again.");
    }
  }

  pause() {
    if (!this.isOn) return;
    this.position_ = this.position;
    this.loop?.stop();
    this.setState("paused");
    pauseSession();
    this.show();
  }

  seek(to) {
    this.position_ = Math.min(Math.max(0, to), this.duration - 0.01);
    if (this.state === "playing") {
      this.loop.stop();
      this.loop.start(this.position_);
    }
    this.show();
  }

  /* Continue with another tape at the same position. */
  use(loop) {
    const old = this.loop;
    const position = this.position;
    this.loop = loop;
    if (this.state === "playing") {
      old.stop();
      loop.start(position);
    }
    if (old && old !== loop) old.release();
  }

  /* Fetch the audio when the pointer or the focus reaches the button. */
  prepare() {
    if (this.loop || this.isStreamed || navigator.connection?.saveData) return;
    this.bytes ??= fetch(this.dataset.src, { signal: this.left.signal }).catch(() => null);
  }

  get isStreamed() {
    return "streamed" in this.dataset;
  }

  async loadMix() {
    const output = this.output;
    if (this.isStreamed) return new StreamTape([{ url: this.dataset.src, output }], this.duration);
    const early = await this.bytes;
    this.bytes = null;
    const buffer = early?.ok
      ? await audioContext().decodeAudioData(await early.arrayBuffer())
      : await fetchBuffer(this.dataset.src, this.left.signal, (share) =>
          this.say(`Loading… ${Math.round(100 * share)} %`),
        );
    return new BufferTape([{ buffer, output }]);
  }

  setState(state) {
    this.state = this.dataset.state = state;
    this.button.setAttribute("aria-label", this.isOn ? "Pause" : "Play");
    this.button.toggleAttribute("aria-busy", state === "loading");
  }

  say(words) {
    if (this.note.textContent !== words) this.note.textContent = words;
  }

  follow() {
    if (this.state !== "playing") return;
    this.show();
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (isCalm) setTimeout(() => this.follow(), 500);
    else requestAnimationFrame(() => this.follow());
  }

  show() {
    const position = this.position;
    this.waveform.show(position);
    const text = `${clock(position)} / ${clock(this.duration)}`;
    if (this.time.textContent === text) return;
    this.time.textContent = text;
    if (this.state === "playing") reportPosition(this);
  }

  setUpVolume() {
    const slider = this.querySelector(".volume");
    slider.value = recall(VOLUME) ?? slider.value;
    const apply = () => {
      slider.setAttribute("aria-valuetext", `${slider.value} %`);
      this.level = (slider.value / 100) ** 2; // perceived loudness follows the square more evenly
      if (this.volume) glide(this.volume.gain, this.level);
    };
    slider.addEventListener("input", () => {
      apply();
      remember(VOLUME, slider.value);
    });
    apply();
  }

  setUpSleep() {
    const choice = this.querySelector(".sleep");
    const left = this.querySelector(".sleep-left");
    const tick = (seconds, level) => {
      left.textContent = seconds === null ? "" : `${clock(seconds)} left`;
      if (this.fade) glide(this.fade.gain, level, seconds === null ? 0.02 : 0.5);
    };
    this.sleep = new SleepTimer(tick, () => {
      this.pause();
      choice.value = "";
    });
    choice.addEventListener("change", () => this.sleep.set(Number(choice.value)));
  }

  setUpSpectrogram() {
    const toggle = this.querySelector(".spectrogram-toggle");
    if (!toggle) return;
    const parts = this.querySelectorAll(".spectrogram, .spectrogram-key");
    toggle.addEventListener("click", () => {
      const isShown = toggle.getAttribute("aria-expanded") === "true";
      for (const part of parts) part.hidden = isShown;
      toggle.setAttribute("aria-expanded", String(!isShown));
    });
  }
}

customElements.define("sound-player", SoundPlayer);
