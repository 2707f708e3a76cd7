/* Playback: what is heard, independent of the players that show and control it.

   One soundscape plays at a time, on this page and among tabs. It goes on when its player leaves the
   page, and the next player of the same soundscape takes it over. */
import { StreamTape } from "./loop_player.js";
import { channelTo } from "./memory.js";
import { pauseSession, reportPosition, showSession } from "./media_session.js";
import { fadeTo, output } from "./output.js";
import { PlanTape } from "./plan_tape.js";
import { neighbour } from "./neighbours.js";
import { SleepTimer } from "./sleep.js";
import { audioContext, lossless, ramp, renewContext, startClock, whenRendered } from "./sound.js";

const LOST = "The soundscape could not be loaded. Check your connection and press Play again.";
const FADE = 0.25; // seconds, of play and pause
const JUMP = 0.03; // of a seek, out and in
const CROSSFADE = 2; // from one soundscape to the next
const WAKING = 60; // of a slow beginning
const LATENCY = 0.03; // until a start is heard
const PATIENCE = 4; // with a clock that stands still
const STOPPED = "The browser has stopped the sound. Press Play to resume.";

let current = null;
export const waking = { isOn: false }; // whether plays begin slowly, over a minute
const held = new Set(); // what players on the page show
const changes = new EventTarget();
const tabs = channelTo("soundscapes.playing");
tabs?.addEventListener("message", () => current?.pause());

document.addEventListener("renamed", ({ detail: { page, title } }) => {
  for (const playback of new Set([current, ...held]))
    if (playback?.page === page) playback.rename(title);
});

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

export function announce() {
  changes.dispatchEvent(new Event("change"));
}

/* The soundscape that a player or a button names in its data. */
export function trackOf({ dataset }) {
  const { src, parts, page, title, artwork, duration } = dataset;
  return { src, parts, page, title, artwork, duration: Number(duration) };
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
    this.turn = 0; // of being started and stopped
    this.reloads = 0;
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
    return this.state === "playing" && !this.jumping ? this.loop.position : this.position_;
  }

  /* Where its tapes connect. */
  get output() {
    if (this.output_?.context !== audioContext()) {
      this.output_ = new GainNode(audioContext());
      this.fader = new GainNode(audioContext(), { gain: 0 });
      this.output_.connect(this.fader).connect(output());
    }
    return this.output_;
  }

  async play() {
    if (this.isOn) return;
    const attempt = ++this.attempts;
    this.stayOn();
    const isNext = this.becomeCurrent();
    this.setState("loading");
    this.prepare();
    try {
      await startClock();
      await this.load();
      if (this.state !== "loading" || attempt !== this.attempts) return; // paused meanwhile
      await this.start();
      if (this.state !== "loading" || attempt !== this.attempts) return;
      this.fadeIn(waking.isOn ? WAKING : isNext ? CROSSFADE : FADE);
      this.say("");
      this.setState("playing");
      this.showSession();
      this.clock = { time: -1, still: 0 };
      this.reporting = setInterval(() => this.report(), 1000);
    } catch (error) {
      if (attempt === this.attempts) this.fail(error);
    }
  }

  fail(error) {
    if (error.name === "AbortError") return;
    this.pause(0);
    this.say(error.detail ?? LOST);
  }

  showSession() {
    showSession(this, async (step) => {
      const slideshow = document.querySelector("sound-slideshow");
      if (slideshow) return slideshow.step(step);
      const card = await neighbour(this.src, step);
      if (card) playbackOf(trackOf(card)).play();
    });
  }

  report() {
    reportPosition(this);
    this.watch();
  }

  /* A phone may stop the clock. After a call, "interrupted" ends by itself; a page that was put to
     sleep is "suspended"; some clocks stand still although they claim to be running. */
  watch() {
    const { currentTime: time, state } = audioContext();
    const still = time === this.clock.time && state !== "interrupted" ? this.clock.still + 1 : 0;
    this.clock = { time, still };
    if (state === "suspended") audioContext().resume();
    if (!still) this.stand?.end(); // the clock goes on, in the background, too
    if (still < PATIENCE) return;
    if (document.hidden) {
      if (still === PATIENCE) this.standIn();
    } else if (state === "suspended") {
      this.pause();
      this.say(STOPPED);
    } else this.renew();
  }

  async standIn() {
    const { StandIn } = await import("./stand_in.js");
    if (this.state !== "playing" || !document.hidden) return;
    this.stand = new StandIn(this, () => (this.clock.still = 0));
  }

  renew() {
    this.pause(0);
    this.stop();
    this.release();
    renewContext();
    this.play();
  }

  /* Load once, even if somebody pauses and plays again meanwhile. */
  async load() {
    if (this.loop) return;
    this.loading ??= this.loadTape().finally(() => (this.loading = null));
    const tape = await this.loading;
    this.loop ??= tape;
  }

  /* Return whether another soundscape fades out meanwhile. */
  becomeCurrent() {
    const last = current;
    current = this;
    tabs?.postMessage(null);
    if (!last || last === this) return false;
    const wasPlaying = last.state === "playing";
    last.pause(wasPlaying ? CROSSFADE : 0, () => last.isHeld || last.release());
    return wasPlaying;
  }

  /* Fade out, stop, then call `then`. */
  pause(seconds = FADE, then = () => {}) {
    if (!this.isOn) return;
    this.stand?.end();
    this.position_ = this.position;
    clearInterval(this.reporting);
    clearTimeout(this.jumping);
    this.jumping = null;
    if (this.fader) ramp(this.fader.gain, 0, seconds);
    this.fading = setTimeout(() => {
      this.stop();
      then();
    }, 1000 * seconds + 50);
    pauseSession();
    this.setState("paused");
  }

  /* Let no earlier pause stop what plays again. */
  stayOn() {
    clearTimeout(this.fading);
    this.fading = null;
  }

  toggle() {
    if (this.isOn) this.pause();
    else this.play();
  }

  seek(to) {
    this.position_ = Math.min(Math.max(0, to), this.duration - 0.01);
    if (this.state === "playing") this.jump();
    announce();
  }

  /* Go on at the position, between two short fades. */
  jump() {
    clearTimeout(this.jumping);
    ramp(this.fader.gain, 0, JUMP);
    this.jumping = setTimeout(() => this.land(), 1000 * JUMP + 10);
  }

  async land() {
    const { jumping } = this;
    try {
      await this.start();
      if (this.jumping !== jumping) return;
      this.fadeOn();
      this.jumping = null;
    } catch (error) {
      if (this.jumping === jumping) this.fail(error);
    }
  }

  fadeIn(seconds) {
    this.fadeEnd = audioContext().currentTime + seconds;
    this.fadeLength = seconds;
    ramp(this.fader.gain, 1, seconds);
  }

  /* After a jump, go on with the fade where it would be. */
  fadeOn() {
    const left = Math.max(0, this.fadeEnd - audioContext().currentTime - JUMP);
    ramp(this.fader.gain, 1 - left / this.fadeLength, JUMP);
    if (left) this.fader.gain.linearRampToValueAtTime(1, this.fadeEnd);
  }

  /* Start all tapes with the same sample, as soon as each has what sounds first. Begin again if
     there is another tape or position by then. */
  async start() {
    this.stop();
    const { turn, loop, other, position_: position } = this;
    const tapes = [loop, other].filter(Boolean);
    const isWanted = () => loop === this.loop && other === this.other && position === this.position_;
    await Promise.all(tapes.map((tape) => tape.seekTo(position))).catch((error) => {
      if (isWanted()) throw error;
    });
    if (turn !== this.turn) return;
    if (!isWanted()) return this.start();
    const when = audioContext().currentTime + LATENCY;
    await Promise.all(tapes.map((tape) => tape.start(position, when)));
  }

  stop() {
    this.turn += 1; // a start that still waits is dropped
    this.stayOn();
    this.loop?.stop();
    this.other?.stop();
  }

  /* Continue with another tape at the same position. */
  use(loop) {
    const old = this.loop;
    this.position_ = this.position;
    this.loop = loop;
    if (this.state === "playing") this.jump();
    old.release();
    announce();
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
    if (this.state === "playing") this.showSession();
    this.reload();
  }

  /* Continue as the soundscape is saved, with the settings of the latest call. The tape before goes
     on if that cannot be loaded. */
  async reload() {
    const call = (this.reloads += 1);
    this.useOther(null);
    await this.loading?.catch(() => {}); // with the settings from before
    if (!this.loop || call !== this.reloads) return;
    const tape = await this.loadTape().catch(() => null);
    if (tape && this.loop && call === this.reloads) this.use(tape);
    else tape?.release();
  }

  /* Fetch what is heard first before it is asked for. */
  prepare() {
    if (this.loop || this.loading || !this.parts || navigator.connection?.saveData) return;
    this.early ??= new PlanTape(this.parts);
    this.early.prefetch().catch(() => (this.early = null));
  }

  async loadTape() {
    const tape = this.early ?? (this.parts && new PlanTape(this.parts));
    this.early = null;
    if (!tape) return this.loadFile();
    this.arriving = tape;
    try {
      return await tape.load(this.output, this.position_);
    } catch (error) {
      tape.release();
      if (error.name === "AbortError") throw error;
      return this.loadFile(); // its plan cannot be read, or a clip is lost
    }
  }

  async loadFile() {
    const url = lossless(this.src);
    const options = { signal: this.left.signal, headers: { Range: "bytes=0-0" } };
    const answer = await whenRendered(url, options, () => this.say("Rendering again…"));
    this.say("");
    if (!answer.ok) throw Object.assign(new Error(answer.status), await answer.json().catch(() => null));
    return new StreamTape({ url, output: this.output }, this.duration);
  }

  rename(title) {
    this.title = title;
    if (this.state === "playing") this.showSession();
    announce();
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
    else if (current !== this && !this.fading) this.release();
  }

  end() {
    if (current === this) current = null;
    if (this.isOn) this.pause(FADE, () => this.release());
    else this.release();
    announce();
  }

  release() {
    this.left.abort();
    this.left = new AbortController();
    this.early?.release();
    this.early = null;
    this.arriving?.release();
    this.useOther(null);
    this.loop?.release();
    this.loop = null;
  }
}
