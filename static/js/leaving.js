/* Ask before somebody leaves a page with something that the server does not have yet. */
const reasons = [];

export function keepPageWhile(isUnsaved) {
  reasons.push(isUnsaved);
}

window.addEventListener("beforeunload", (event) => {
  if (reasons.some((isUnsaved) => isUnsaved())) event.preventDefault();
});
