/* Ask before the user leaves a page with unsaved data. */
const reasons = [];

export function keepPageWhile(isUnsaved) {
  reasons.push(isUnsaved);
}

window.addEventListener("beforeunload", (event) => {
  if (reasons.some((isUnsaved) => isUnsaved())) event.preventDefault();
});
