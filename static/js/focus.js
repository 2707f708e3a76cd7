/* Keep the focus. If a response replaces the focused element, its successor gets the focus: the same
   kind of element, else one marked data-refocus, else the first focusable one. A response never
   takes the focus from another element. */
const FOCUSABLE = "a[href]:not([tabindex='-1']), button, input, select, textarea, summary";

let lost = null;
let last = document.activeElement; // htmx disables some buttons, which then have no focus

document.addEventListener("focusin", (event) => (last = event.target));
document.addEventListener("htmx:beforeSwap", (event) => {
  const isNowhere = document.activeElement === document.body;
  const focused = isNowhere ? last : document.activeElement;
  lost = event.detail.shouldSwap && event.detail.target.contains(focused) ? focused : null;
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (!lost || document.activeElement !== document.body) return;
  const next = successor(event.target, lost);
  next?.focus({ preventScroll: true });
  if (next) lost = null;
});

/* Scroll to an error that the user caused. */
document.addEventListener("htmx:afterSettle", (event) => {
  const { target, requestConfig } = event.detail;
  if (!requestConfig?.triggeringEvent) return;
  target?.querySelector?.(".message.error, .field-error")?.scrollIntoView({ block: "nearest" });
});

function successor(part, old) {
  if (!(part instanceof Element)) return null;
  const found = [part, ...part.querySelectorAll(FOCUSABLE)].filter(
    (each) => each.matches(FOCUSABLE) && !each.disabled && each.checkVisibility(),
  );
  return (
    found.find((each) => kind(each) === kind(old)) ??
    found.find((each) => "refocus" in each.dataset) ??
    found[0]
  );
}

function kind(element) {
  const classes = [...element.classList].filter((name) => !name.startsWith("htmx-"));
  return [element.localName, element.name, ...classes].join(" ");
}
