/* The service worker keeps the files of the site, serves what a person keeps offline, and takes
   images that other applications share. Everything else goes to the server as usual.

   `self.site` comes from the server. A new version waits until all pages of the old one are closed,
   so no page misses a file that it loads later. */
const { version, files, offline, receive, studio } = self.site;
const SHELL = "shell-";
const RECEIVED = "received";
const MOST = 50; // images of one share
const PATIENCE = 3000; // milliseconds for which an update lets pages wait
const HASHED = /\.[0-9a-f]{12}\.\w+$/;
const PARTS = /^\/soundscapes\/[^/]+\/parts\//; // events and clips of the player

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const answer = answerTo(event);
  if (answer) event.respondWith(answer);
});

async function fill() {
  const cache = await caches.open(SHELL + version);
  await cache.addAll([...files, offline]);
}

async function tidy() {
  await self.registration.navigationPreload?.disable(); // it was on in earlier versions; see openPage
  if (!(await renewKeptPages())) return; // they need the files of an earlier version
  const old = (await caches.keys()).filter((name) => name.startsWith(SHELL) && name !== SHELL + version);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/* Return whether all pages that are kept could be fetched again. */
async function renewKeptPages() {
  const names = (await caches.keys()).filter((name) => name.startsWith("kept-"));
  const renewed = await Promise.allSettled(names.map(renewPagesOf));
  return renewed.every(({ status }) => status === "fulfilled");
}

async function renewPagesOf(name) {
  const cache = await caches.open(name);
  const lists = (await cache.keys()).filter(({ url }) => url.endsWith("/kept.json"));
  const signal = AbortSignal.timeout(PATIENCE);
  const pages = lists.map(({ url }) => url.replace("kept.json", ""));
  const owner = `data-person="${name.replace("kept-", "")}"`;
  const answers = await Promise.all(pages.map((page) => fetchOf(owner, page, signal)));
  await Promise.all(answers.map((answer, at) => cache.put(pages[at], answer)));
}

/* Fetch a page of its owner, who may be signed out by now: then a sign-in page or an error comes. */
async function fetchOf(owner, page, signal) {
  const answer = await fetch(page, { signal });
  const isOwn = answer.ok && !answer.redirected && (await answer.clone().text()).includes(owner);
  if (!isOwn) throw new Error(`${page} is not the owner's.`);
  return answer;
}

/* Return the answer to a request, or nothing for one that the browser sends itself. */
function answerTo(event) {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (origin !== location.origin) return null;
  if (request.method === "POST") return pathname === receive ? take(request) : null;
  if (request.method !== "GET") return null;
  if (request.mode === "navigate" || request.headers.get("Accept") === "text/html")
    return openPage(request);
  if (pathname.startsWith(self.site.static)) return HASHED.test(pathname) ? fromCache(request) : null;
  const isKept = PARTS.test(pathname) || (pathname.startsWith(self.site.media) && !search);
  return isKept ? fromCache(request) : null;
}

/* The server knows best; a copy is for when it cannot be reached. Without navigation preload: if that
   fails, Firefox 153 shows its own error page, whatever is answered here. */
async function openPage(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const page = await caches.match(request, { ignoreSearch: true, ignoreVary: true });
    if (page) return page;
    if (request.mode === "navigate") return caches.match(offline);
    throw error;
  }
}

/* A name never gets other content, so a copy is as good. */
async function fromCache(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

/* Hand shared images to the studio, whose form they are sent with: any site could make a browser
   post a file here, so nothing is sent before the person presses the button. */
async function take(request) {
  const shared = (await request.formData()).getAll("image").filter(({ size }) => size);
  await caches.delete(RECEIVED);
  const cache = await caches.open(RECEIVED);
  await Promise.all(shared.slice(0, MOST).map((file, at) => cache.put(receive + at, kept(file))));
  return Response.redirect(`${studio}?received`, 303);
}

function kept(file) {
  const headers = { "Content-Type": file.type, Date: new Date().toUTCString() };
  return new Response(file, { headers: { ...headers, "X-Name": encodeURIComponent(file.name) } });
}
