/* Images that another application shared with this one; the service worker keeps them for the studio. */
const NAME = "received";
const FRESH = 3_600_000; // milliseconds, so that nobody else finds them here later

export async function receivedFiles() {
  const cache = await caches.open(NAME);
  const answers = await Promise.all((await cache.keys()).map((key) => cache.match(key)));
  await caches.delete(NAME);
  return Promise.all(answers.filter(isFresh).map(fileOf));
}

function isFresh(answer) {
  return Date.now() - Date.parse(answer.headers.get("Date")) < FRESH;
}

async function fileOf(answer) {
  const name = decodeURIComponent(answer.headers.get("X-Name"));
  return new File([await answer.blob()], name, { type: answer.headers.get("Content-Type") });
}
