// Refreshes the report of a running batch job, and plays one audio element at a time.
const PAUSE = 1000;

async function follow(page) {
  const answer = await fetch(page.dataset.progress, { credentials: "same-origin" }).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".report");
    if (fresh) page.replaceChildren(fresh);
  }
  watch(page);
}

function watch(page) {
  if (page.querySelector(".report")?.dataset.state === "active") {
    setTimeout(() => follow(page), PAUSE);
  }
}

document.querySelectorAll("[data-progress]").forEach(watch);
document.addEventListener(
  "play",
  (event) => {
    for (const player of document.querySelectorAll("audio")) {
      if (player !== event.target) player.pause();
    }
  },
  true,
);
