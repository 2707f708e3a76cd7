/* A layer that htmx replaces stays open or closed. */
const FOLD = ".layer-more";
let wasOpen = false;

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  wasOpen = Boolean(detail.target.matches(".layer") && detail.target.querySelector(FOLD)?.open);
});

/* Before focus.js looks for the successor of what had the focus. */
document.addEventListener("htmx:afterSwap", open, true);

function open({ target }) {
  if (wasOpen && target.matches?.(".layer")) target.querySelector(FOLD).open = true;
}
