/* Playback: what is heard, independent of the players that show and control it.

   One soundscape plays at a time, on this page and among tabs. It goes on when its player leaves the
   page, and the next player of the same soundscape takes it over. */
import { BufferTape, StreamTape } from "./loop_player.js";
import { pauseSession, reportPosition, showSession } from "./media_session.js";
import { fadeTo, output } from "./output.js";
import { SleepTimer } from "./sleep.js";
import { audioContext, quickest, fetchBuffer, lossless, whenRendered } from "./sound.js";

const LOST = "The soundscape could not be loaded. Check your connection and press Play again.";

let current = null;
const held = new Set(); // what players on the page show
const changes = new EventTarget();
const tabs = new BroadcastChannel("soundscapes.playing");
tabs.addEventListener("message", () => current?.pause());

export const sleepTimer = new SleepTimer(
  (seconds, level) => {
    fadeTo(level, seconds === null ? 0.02 : 0.5);
    announce();
  },
  () => current?.pause(),
);

/* What plays, or what was paused and can go on. */
export function nowPlaying() {
  return current;
}

/* Call `show` whenever there is something else to show. */
export function onChange(show, signal) {
  changes.addEventListener("change", show, { signal });
}

function announce() {
  changes.dispatchEvent(new Event("change"));
}

/* The soundscape that a player or a button names in its data. */
export function trackOf({ dataset }) {
  const { src, page, title, artwork, duration } = dataset;
  return { src, page, title, artwork, duration: Number(duration), isStreamed: "streamed" in dataset };
}

/* `continues` is the source of a soundscape that turns into this one without a pause. */
export function playbackOf(track, continues) {
  const known = (src) => [current, ...held].find((playback) => playback?.src === src);
  const old = continues && known(continues);
  old?.become(track);
  return old ?? known(track.src) ?? new Playback(track);
}

export class Playback {
  constructor(track) {
    Object.assign(this, track);
    this.state = "paused";
    this.note = "";
    this.position_ = 0;
    this.loop = null;
    this.other = null; // a tape that runs along, to be compared
    this.holders = 0;
    this.attempts = 0; // at playing
    this.left = new AbortController();
  }

  get isOn() {
    return this.state !== "paused";
  }

  /* Whether a player on the page shows it. */
  get isHeld() {
    return this.holders > 0;
  }

  get position() {
    return this.state === "playing" ? this.loop.position : this.position_;
  }

  /* Where its tapes connect. */
  get output() {
    if (!this.output_) {
      this.output_ = new GainNode(audioContext());
      this.output_.connect(output());
    }
    return this.output_;
  }

  async play() {
    if (this.isOn) return;
    const attempt = ++this.attempts;
    this.becomeCurrent();
    this.setState("loading");
    try {
      await audioContext().resume();
      if (!this.loop) await this.load();
      if (this.state !== "loading" || attempt !== this.attempts) return; // paused meanwhile
      await this.start(this.position_);
      this.say("");
      this.setState("playing");
      showSession(this);
      this.reporting = setInterval(() => reportPosition(this), 1000);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.say(error.detail ?? LOST);
      this.setState("paused");
    }
  }

  /* Load once, even if somebody pauses and plays again meanwhile. */
  async load() {
    this.loading ??= this.loadMix().finally(() => (this.loading = null));
    const mix = await this.loading;
    this.loop ??= mix;
  }

  becomeCurrent() {
    const last = current;
    current = this;
    tabs.postMessage(null);
    if (!last || last === this) return;
    last.pause();
    if (!last.isHeld) last.release();
  }

  pause() {
    if (!this.isOn) return;
    this.position_ = this.position;
    clearInterval(this.reporting);
    this.stop();
    pauseSession();
    this.setState("paused");
  }

  toggle() {
    if (this.isOn) this.pause();
    else this.play();
  }

  seek(to) {
    this.position_ = Math.min(Math.max(0, to), this.duration - 0.01);
    if (this.state === "playing") {
      this.stop();
      this.start(this.position_);
    }
    announce();
  }

  start(position) {
    return Promise.all([this.loop.start(position), this.other?.start(position)]);
  }

  stop() {
    this.loop?.stop();
    this.other?.stop();
  }

  /* Continue with another tape at the same position. */
  use(loop) {
    const old = this.loop;
    const position = this.position;
    this.loop = loop;
    if (this.state === "playing") {
      old.stop();
      this.other?.stop();
      this.start(position); // both at once
    }
    if (old && old !== loop) old.release();
  }

  /* Let another tape run along, or nothing. */
  useOther(tape) {
    this.other?.release();
    this.other = tape;
    if (tape && this.state === "playing") this.seek(this.position); // both start at once
    announce();
  }

  /* Continue as another soundscape, at the same position. */
  become(track) {
    Object.assign(this, track);
    if (this.state === "playing") showSession(this);
    this.useMix().catch(() => {}); // the tape before goes on
  }

  /* Continue with the soundscape as it is saved. */
  async useMix() {
    const old = this.loop;
    this.useOther(null);
    if (!old) return;
    const mix = await this.loadMix();
    if (this.loop === old) this.use(mix);
    else mix.release();
  }

  /* Fetch the audio before it is asked for. */
  prepare() {
    if (this.loop || this.isStreamed || navigator.connection?.saveData) return;
    this.bytes ??= fetch(quickest(this.src), { signal: this.left.signal }).catch(() => null);
  }

  async loadMix() {
    const { signal } = this.left;
    const say = (share) =>
      this.say(share === null ? "Rendering again…" : `Loading… ${Math.round(100 * share)} %`);
    if (this.isStreamed) {
      const url = lossless(this.src);
      await whenRendered(url, { signal, headers: { Range: "bytes=0-0" } }, () => say(null));
      return new StreamTape([{ url, output: this.output }], this.duration);
    }
    const early = await this.bytes;
    this.bytes = null;
    const buffer =
      early?.status === 200
        ? await audioContext().decodeAudioData(await early.arrayBuffer())
        : await fetchBuffer(quickest(this.src), signal, say);
    return new BufferTape([{ buffer, output: this.output }], this.duration);
  }

  setState(state) {
    this.state = state;
    announce();
  }

  say(words) {
    if (this.note === words) return;
    this.note = words;
    announce();
  }

  hold() {
    this.holders += 1;
    held.add(this);
    announce();
  }

  /* A player leaves the page. What plays goes on. */
  letGo() {
    this.holders -= 1;
    if (this.isHeld) return;
    held.delete(this);
    this.useOther(null);
    if (this.isOn) announce();
    else this.end();
  }

  end() {
    this.pause();
    if (current === this) current = null;
    this.release();
    announce();
  }

  release() {
    this.left.abort();
    this.left = new AbortController();
    this.bytes = null;
    this.useOther(null);
    this.loop?.release();
    this.loop = null;
  }
}
