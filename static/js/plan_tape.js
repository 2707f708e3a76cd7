/* PlanTape: plays a soundscape from its plan.

   The server places events in time, part by part, for as long as somebody listens; this schedules
   them on the clips that they name. In a loop, part 0 is repeated, whose end fades into its
   beginning. Same interface as the tapes of loop_player.js, and an output for each layer. */
import { BufferTape } from "./loop_player.js";
import { hasHeadphones, isEndless } from "./settings.js";
import {
  audioContext,
  clipUrl,
  decode,
  delay,
  download,
  fetchJson,
  fromDecibels,
  glide,
  ramp,
} from "./sound.js";
import { widener } from "./width.js";

const SOON = 1.5; // seconds of which the clips are fetched before playing starts
const GRACE = 0.03; // seconds that the first layer waits for the others
const JOIN = 0.25; // of the fade-in of a sound whose clip comes late
const AHEAD = 30; // seconds to schedule: timers of hidden tabs run late
const BEHIND = 0.15; // of the level of a layer when another one comes forward
const LATE = 5; // seconds before the end when the first part is repeated instead
const EARLY = 60; // seconds before the end of a part to fetch the next one
const POINTS = 64; // of a fade
const SIDE = Math.PI / 2.5; // of a sound at the edge of the image, from the middle
const LINEAR = 0.85; // of full scale, the ceiling of the server's limiter
const HIGHEST = 4;

export class PlanTape {
  /* `parts` is the address of the parts. */
  constructor(parts) {
    this.parts = parts;
    this.left = new AbortController();
    this.known = new Map(); // parts by number
    this.clips = new Map(); // promises of buffers by layer and checksum
    this.layers = new Map(); // outputs by place
    this.targets = new Map(); // where they connect
    this.wide = new Map(); // what makes mono sounds wide, by place
    this.voices = new Set();
    this.turn = 0; // of being started and stopped: what comes late for an earlier one is dropped
  }

  /* Fetch what is needed to start: the first part, and the clips that sound first. */
  async load(output, position = 0) {
    const first = await this.part(0);
    this.isEndless = isEndless();
    this.duration = first.end;
    this.extra = new BufferTape([], this.duration);
    this.setUp(first, output);
    await this.seekTo(position);
    return this;
  }

  /* Fetch the same before there may be an AudioContext. */
  async prefetch() {
    const { events } = await this.part(0);
    const sounding = events.filter((event) => event.time + event.duration > 0);
    await this.fetchSoon(sounding, SOON);
  }

  setUp(first, output) {
    const context = audioContext();
    this.bus = new GainNode(context, { gain: first.gain });
    this.bus.connect(limiter(context, output));
    this.isAround = hasHeadphones();
    for (const layer of first.layers) {
      const output = new GainNode(context);
      const target = this.isAround ? around(layer, this.bus) : this.bus;
      output.connect(target);
      this.layers.set(layer.place, output);
      this.targets.set(layer.place, target);
    }
  }

  part(number) {
    if (!this.known.has(number)) {
      const coming = fetchJson(`${this.parts}${number}/`, this.left.signal).then(withEvents);
      coming.catch(() => this.known.delete(number));
      this.known.set(number, coming);
    }
    return this.known.get(number);
  }

  bytes(event) {
    const { layer, clip } = event;
    const key = clipUrl(this.parts, layer, clip);
    if (!this.clips.has(key)) {
      const coming = { bytes: download(key, this.left.signal) };
      coming.bytes.catch(() => this.clips.delete(key));
      this.clips.set(key, coming);
    }
    return this.clips.get(key);
  }

  async clip(event) {
    const entry = this.bytes(event);
    entry.decoding ??= entry.bytes.then(decode);
    return (entry.buffer = await entry.decoding);
  }

  /* Queue what sounds from a position on, and wait for what sounds first. */
  async seekTo(wanted) {
    const turn = ++this.turn;
    const position = this.isEndless ? wanted : wanted % this.duration;
    const number = position < this.duration || !this.isEndless ? 0 : await this.numberAt(position);
    const parts = await Promise.all([Math.max(0, number - 1), number].map((each) => this.part(each)));
    if (turn !== this.turn) return; // somebody stopped it or went elsewhere
    const events = [...new Set(parts)].flatMap((part) => part.events);
    this.queue = events.filter((event) => event.time + event.duration > position);
    this.next = number + 1;
    this.end = parts[1].end;
    const decoding = (events) => Promise.all(events.map((event) => this.clip(event)));
    const [first, others] = await this.fetchSoon(this.queue, position + SOON);
    const rest = decoding(others);
    rest.catch(() => {}); // what is lost later than this waits for it is left out
    await decoding(first);
    await Promise.race([rest, delay(1000 * GRACE)]);
  }

  /* Fetch one layer before the others, because a connection that all share brings the first sound
     late. Return the events of that layer, which is there, and of those that come. */
  async fetchSoon(events, until) {
    const soon = events.filter((event) => event.time < until);
    const first = soon.filter(({ layer }) => layer.place === soon[0].layer.place);
    const others = soon.filter((event) => !first.includes(event));
    await Promise.all(first.map((event) => this.bytes(event).bytes));
    for (const event of others) this.bytes(event);
    return [first, others];
  }

  async numberAt(position) {
    const { start, end } = await this.part(1);
    return 1 + Math.floor((position - start) / (end - start));
  }

  /* Start at a time of the clock. */
  start(position, when) {
    if (!this.queue) return; // it was stopped
    this.startedAt = when - (this.isEndless ? position : position % this.duration);
    this.extra.start(position % this.duration, when);
    this.schedule();
    this.ticking = setInterval(() => this.schedule(), 1000);
  }

  stop() {
    this.turn += 1;
    clearInterval(this.ticking);
    for (const voice of this.voices) voice.stop();
    this.voices.clear();
    for (const each of this.wide.values()) each.stop();
    this.wide.clear();
    this.extra?.stop();
    this.queue = null;
    this.startedAt = undefined;
  }

  get elapsed() {
    return audioContext().currentTime - this.startedAt;
  }

  get position() {
    const passed = Math.max(0, this.elapsed);
    return this.isEndless ? passed : passed % this.duration;
  }

  schedule() {
    const until = this.elapsed + AHEAD;
    while (this.queue.length && this.queue[0].time < until) this.play(this.queue.shift());
    if (this.end < this.elapsed + EARLY) this.extend();
  }

  async extend() {
    if (this.extending) return;
    this.extending = true;
    const { queue } = this;
    try {
      const part = await this.following();
      if (!part || this.queue !== queue) return; // somebody went elsewhere
      const shift = this.end - part.start;
      for (const event of part.events)
        if (event.time >= part.start) queue.push({ ...event, time: event.time + shift });
      this.end += part.end - part.start;
      this.schedule();
    } finally {
      this.extending = false;
    }
  }

  /* Return the next part, or the first one again: in a loop, and shortly before the end without a
     connection. */
  async following() {
    if (!this.isEndless) return this.part(0);
    try {
      const part = await this.part(this.next);
      if (this.next > 2) this.known.delete(this.next - 1);
      this.next += 1;
      return part;
    } catch {
      return this.end < this.elapsed + LATE ? this.part(0) : null;
    }
  }

  async play(event) {
    const { queue } = this;
    let { buffer } = this.bytes(event);
    const isLate = !buffer;
    if (isLate) {
      buffer = await this.clip(event).catch(() => null);
      if (!buffer || this.queue !== queue) return;
    }
    const place = this.placeOf(event, buffer.numberOfChannels);
    const output = isLate ? joining(place) : place;
    const voice = voiceOf(event, buffer, this.startedAt + event.time, output);
    if (!voice) return;
    this.voices.add(voice);
    voice.addEventListener("ended", () => this.voices.delete(voice));
  }

  /* Return where a sound goes to be heard at its place. The sounds of a wide layer share one. */
  placeOf({ layer, position }, channels) {
    const output = this.layers.get(layer.place);
    const side = this.isAround ? 0 : position;
    if (!layer.width || channels > 1) return panner(side, channels, output);
    if (!this.wide.has(layer.place)) {
      const made = widener(layer.width, side);
      made.output.connect(output);
      this.wide.set(layer.place, made);
    }
    return this.wide.get(layer.place).input;
  }

  /* Let some layers be heard above the others, or all as they are. */
  bringForward(places) {
    for (const [place, { gain }] of this.layers)
      glide(gain, !places || places.includes(place) ? 1 : BEHIND, 0.15);
  }

  /* Let a layer go through other nodes, from the first to the last. */
  route(place, first, last) {
    const layer = this.layers.get(place);
    layer.disconnect();
    layer.connect(first);
    last.connect(this.targets.get(place));
  }

  add(track, signal) {
    return this.extra.add(track, signal);
  }

  remove(track) {
    this.extra.remove(track);
  }

  release() {
    this.left.abort();
    this.stop();
    this.bus?.disconnect();
    this.clips.clear();
  }
}

function withEvents(part) {
  const events = part.layers.flatMap((layer) =>
    layer.events.map(([clip, offset, time, duration, gain, position, rate, fadeIn, fadeOut]) => ({
      layer,
      clip: layer.clips[clip],
      offset,
      time,
      duration,
      gain: fromDecibels(gain),
      position,
      rate,
      fadeIn,
      fadeOut,
    })),
  );
  return { ...part, events: events.sort((one, other) => one.time - other.time) };
}

/* Start an event at `at` or, if that has passed, in its middle. Return its source, or null. */
function voiceOf(event, buffer, at, output) {
  const context = audioContext();
  const start = Math.max(at, context.currentTime);
  const into = start - at;
  if (into >= event.duration) return null;
  const source = new AudioBufferSourceNode(context, { buffer, playbackRate: event.rate });
  const fade = new GainNode(context, { gain: 0 });
  shape(fade.gain, event, at, into);
  source.connect(fade).connect(output);
  source.start(start, event.offset + into * event.rate);
  source.stop(at + event.duration);
  return source;
}

/* Let what comes late fade in. */
function joining(output) {
  const node = new GainNode(audioContext(), { gain: 0 });
  ramp(node.gain, 1, JOIN);
  node.connect(output);
  return node;
}

/* The fades of an event, as the mixer of the server shapes them. */
function shape(parameter, event, at, into) {
  const { duration, fadeIn, fadeOut, gain } = event;
  const { likeness } = event.layer;
  const rising = (share) => gain * rise(share, likeness);
  if (into < fadeIn)
    parameter.setValueCurveAtTime(curve(into / fadeIn, 1, rising), at + into, fadeIn - into);
  else parameter.setValueAtTime(gain, at + into);
  const out = Math.max(into, duration - fadeOut);
  const rest = duration - out;
  if (rest > 0.001)
    parameter.setValueCurveAtTime(curve(rest / fadeOut, 0, rising), at + out, rest - 0.0005);
}

/* A rise that keeps the power of two sounds of this likeness as they cross. */
function rise(share, likeness) {
  const angle = (share * Math.PI) / 2;
  return Math.sin(angle) / Math.sqrt(1 + likeness * Math.sin(2 * angle));
}

function curve(from, to, shapeOf) {
  return Float32Array.from({ length: POINTS }, (_, at) =>
    shapeOf(from + ((to - from) * at) / (POINTS - 1)),
  );
}

/* Constant power for mono sounds; a stereo sound keeps its channels apart. */
function panner(position, channels, output) {
  const context = audioContext();
  if (channels === 1) {
    const node = new StereoPannerNode(context, { pan: position });
    node.connect(output);
    return node;
  }
  const angle = ((position + 1) * Math.PI) / 4;
  const splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
  const merger = new ChannelMergerNode(context, { numberOfInputs: 2 });
  for (const [channel, gain] of [Math.cos(angle), Math.sin(angle)].entries()) {
    const side = new GainNode(context, { gain });
    splitter.connect(side, channel).connect(merger, 0, channel);
  }
  merger.connect(output);
  return splitter;
}

/* A place in front of the listener: as far to the side and away as the image shows it. */
function around({ position, distance }, output) {
  const angle = position * SIDE;
  const away = 1 + 3 * distance;
  const node = new PannerNode(audioContext(), {
    panningModel: "HRTF",
    rolloffFactor: 0, // the planner has set the level
    positionX: away * Math.sin(angle),
    positionZ: -away * Math.cos(angle),
  });
  node.connect(output);
  return node;
}

/* Keep peaks below full scale: a compressor for what lasts, and a bend for what it is too slow for.
   Its threshold is full scale, because it would raise everything else. */
function limiter(context, output) {
  const compressor = new DynamicsCompressorNode(context, {
    threshold: 0,
    knee: 0,
    ratio: 20,
    attack: 0.001,
    release: 0.02,
  });
  const shaper = new WaveShaperNode(context, { curve: bend() });
  compressor.connect(new GainNode(context, { gain: 1 / HIGHEST })).connect(shaper).connect(output);
  return compressor;
}

/* Straight up to LINEAR, then bent so that HIGHEST becomes full scale. */
function bend() {
  return Float32Array.from({ length: 2049 }, (_, at) => {
    const level = HIGHEST * (at / 1024 - 1);
    const over = Math.abs(level) - LINEAR;
    if (over <= 0) return level;
    return Math.sign(level) * (LINEAR + (1 - LINEAR) * Math.tanh(over / (1 - LINEAR)));
  });
}
