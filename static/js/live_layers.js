/* The layers of the mixer as they sound now.

   Every sound has a track with its own fader: the layers that the tape plays, and the sounds that
   somebody tries instead. All tracks run together, so changing a sound is changing levels. */
import { isAsSaved } from "./mixer_state.js";
import { audioContext, delay, fromDecibels, glide, whenRendered } from "./sound.js";

const KEPT = 6; // sounds that were tried and are not heard any more
const SETTLED = 200; // milliseconds in which the next click may skip a sound
export const UNAVAILABLE = "This sound cannot be played now. It is audible after you save.";

export class LiveLayers {
  constructor(playback, signal) {
    this.playback = playback;
    this.signal = signal;
    this.tracks = new Map(); // by URL
    this.coming = new Set(); // URLs that load
    this.failed = new Set();
    this.heard = new Map(); // URLs by place
  }

  /* Put faders between the layers of what plays and its output. */
  async start(rows) {
    await this.playback.load();
    this.tape = this.playback.loop;
    if (!this.tape.layers) throw { detail: UNAVAILABLE };
    for (const row of rows.filter(({ dataset }) => dataset.layer)) {
      const track = this.newTrack(row, row.dataset.layer);
      this.tape.route(Number(row.dataset.place), track.fader, track.panner);
      this.tracks.set(track.url, track);
    }
    this.apply(rows);
  }

  newTrack(row, url) {
    const context = audioContext();
    const panner = new StereoPannerNode(context);
    const fader = new GainNode(context, { gain: 0 });
    fader.connect(panner);
    const gain = url === row.dataset.layer ? Number(row.dataset.gain) : 0;
    return { url, output: fader, fader, panner, from: { gain, position: Number(row.dataset.position) } };
  }

  /* Load the sound of a row that has another one than the soundscape. */
  async fetch(row) {
    const url = urlOf(row);
    if (!url || this.tracks.has(url) || this.coming.has(url) || this.failed.has(url)) return;
    this.coming.add(url);
    try {
      if (url !== row.dataset.layer) {
        await delay(SETTLED);
        if (!row.isConnected || urlOf(row) !== url) return;
        await render(url, this.signal);
      }
      const track = this.newTrack(row, url);
      track.panner.connect(this.playback.output);
      await this.tape.add(track, this.signal);
      this.tracks.set(url, track);
      this.forget();
    } catch (error) {
      if (error.detail) this.failed.add(url); // else the connection is lost, and the next change tries again
      throw error;
    } finally {
      this.coming.delete(url);
    }
  }

  /* Remove the oldest of the sounds that were tried. Those of the tape itself have no buffer. */
  forget() {
    const heard = new Set(this.heard.values());
    const tried = [...this.tracks.values()].filter(({ buffer }) => buffer).slice(0, -1);
    const others = tried.filter(({ url }) => !heard.has(url));
    for (const track of others.slice(0, -KEPT)) {
      this.tracks.delete(track.url);
      this.tape.remove(track);
    }
  }

  isComing(row) {
    return this.coming.has(urlOf(row));
  }

  isHeard(row) {
    return this.tracks.has(urlOf(row));
  }

  /* Set the levels. Until the sound of a row is loaded, the one before goes on. */
  apply(rows) {
    const places = new Map(rows.map((row) => [row.dataset.place, row]));
    for (const place of this.heard.keys()) if (!places.has(place)) this.heard.delete(place);
    for (const row of rows) if (this.isHeard(row)) this.heard.set(row.dataset.place, urlOf(row));
    const isSolo = rows.some((row) => row.querySelector(".solo").checked);
    const rowsByUrl = new Map([...this.heard].map(([place, url]) => [url, places.get(place)]));
    for (const track of this.tracks.values()) setLevels(track, rowsByUrl.get(track.url), isSolo);
  }
}

function setLevels({ fader, panner, from }, row, isSolo) {
  const isHeard =
    row && !row.querySelector(".mute").checked && (!isSolo || row.querySelector(".solo").checked);
  const gain = row ? Number(row.querySelector(".gain").value) - from.gain : 0;
  const moved = row ? Number(row.querySelector(".position").value) - from.position : 0;
  glide(fader.gain, isHeard ? fromDecibels(gain) : 0);
  glide(panner.pan, Math.min(1, Math.max(-1, moved)));
}

function urlOf(row) {
  const clip = row.querySelector(".clip");
  if (row.dataset.layer && (!clip || isAsSaved(clip))) return row.dataset.layer;
  return `${row.dataset.preview}?clip=${clip?.value ?? ""}`;
}

/* Wait for a sound; its first byte is enough to know. */
async function render(url, signal) {
  const answer = await whenRendered(url, { signal, headers: { Range: "bytes=0-0" } });
  if (answer.status === 206) return;
  throw { detail: UNAVAILABLE, ...(await answer.json().catch(() => null)) };
}
