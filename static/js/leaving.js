/* Ask before the user leaves a page with unsaved data. */
export const QUESTION = "Leave this page? Your changes are not saved.";

const reasons = [];

export function keepPageWhile(isUnsaved) {
  reasons.push(isUnsaved);
}

export function hasUnsaved() {
  return reasons.some((isUnsaved) => isUnsaved());
}

window.addEventListener("beforeunload", (event) => {
  if (hasUnsaved()) event.preventDefault();
});
