/* Soundscapes that this device keeps: page, image, events and clips in the browser's cache.

   The cache has its owner in its name, and site.js deletes those of others. */
import { clipUrl, fetchJson, whenRendered } from "./sound.js";

const KEPT = "kept-";
const KEEPING = "soundscapes.keeping"; // a lock, which a closed tab gives up
const PARTS = 3; // of an endless soundscape: ten minutes after its end
const { person } = document.documentElement.dataset;

export const isPossible = "caches" in window && "serviceWorker" in navigator;

/* The page that lists what is kept is the same for everybody. */
async function openCache() {
  const names = await caches.keys();
  return caches.open(person ? KEPT + person : names.find((name) => name.startsWith(KEPT)) ?? KEPT);
}

/* Return what is kept: [{page, title, src, parts, artwork, duration, size, urls}]. */
export async function list() {
  const cache = await openCache();
  const keys = (await cache.keys()).filter(({ url }) => url.endsWith("/kept.json"));
  return Promise.all(keys.map(async (key) => (await cache.match(key)).json()));
}

/* Keep a soundscape, and return its entry. `images` are URLs. */
export function keep(track, images) {
  return navigator.locks.request(KEEPING, { mode: "shared" }, () => storeAll(track, images));
}

async function storeAll(track, images) {
  navigator.storage?.persist?.(); // WebKitGTK has no such interface
  const urls = [track.page, ...images, ...(await soundsOf(track))];
  const cache = await openCache();
  try {
    const storing = urls.map((url) => store(cache, url));
    await Promise.allSettled(storing); // nothing arrives after the removal
    const sizes = await Promise.all(storing);
    const entry = { ...track, urls, size: sizes.reduce((sum, size) => sum + size) };
    await cache.put(listing(track), new Response(JSON.stringify(entry)));
    return entry;
  } catch (error) {
    await remove({ ...track, urls });
    throw error;
  }
}

/* Return the addresses of the first parts and their clips. */
async function soundsOf({ parts }) {
  const urls = Array.from({ length: PARTS }, (_, number) => `${parts}${number}/`);
  const layers = (await Promise.all(urls.map((url) => fetchJson(url)))).flatMap((part) => part.layers);
  const clips = layers.flatMap((layer) => layer.clips.map((clip) => clipUrl(parts, layer, clip)));
  return [...urls, ...new Set(clips)];
}

async function store(cache, url) {
  const answer = await whenRendered(url, {});
  if (!answer.ok || answer.redirected) throw new Error(answer.status);
  const blob = await answer.blob();
  await cache.put(url, new Response(blob));
  return blob.size;
}

/* Images may belong to others that are kept, too. */
export async function remove({ page, urls }) {
  const cache = await openCache();
  await cache.delete(listing({ page }));
  const needed = new Set((await list()).flatMap((entry) => entry.urls));
  await Promise.all(urls.filter((url) => !needed.has(url)).map((url) => cache.delete(url)));
}

/* Remove the files that no entry names, which a tab closed while it kept a soundscape has left. */
export function removeLeftovers() {
  return navigator.locks.request(KEEPING, { ifAvailable: true }, async (lock) => {
    if (!lock) return; // they may be of a tab that still keeps one
    const cache = await openCache();
    const named = (await list()).flatMap((entry) => [listing(entry), ...entry.urls]);
    const needed = new Set(named.map((url) => new URL(url, location.href).href));
    const left = (await cache.keys()).filter(({ url }) => !needed.has(url));
    await Promise.all(left.map((key) => cache.delete(key)));
  });
}

/* Follow a new title, if the soundscape is kept. */
export async function rename(page, title) {
  if (!isPossible) return;
  const cache = await openCache();
  const known = await cache.match(listing({ page }));
  if (!known) return;
  await cache.put(listing({ page }), new Response(JSON.stringify({ ...(await known.json()), title })));
  await store(cache, page);
}

function listing({ page }) {
  return `${page}kept.json`;
}
