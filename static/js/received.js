/* Put images that another application shared into the studio's form. The service worker keeps them
   until then, also while somebody signs in. */
const NAME = "received";
const FRESH = 3_600_000; // milliseconds, so that nobody else finds them here later

async function receivedFiles() {
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

const chooser = document.querySelector("#photo-form input[type=file]");
const files = "caches" in window ? await receivedFiles() : [];
if (chooser && files.length) {
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  chooser.files = chosen.files;
  chooser.dispatchEvent(new Event("change", { bubbles: true }));
}
