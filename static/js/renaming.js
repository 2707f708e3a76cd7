/* Give players and buttons, which have the title of their soundscape in their data, a new one. */
document.addEventListener("renamed", ({ detail: { page, title } }) => {
  for (const each of document.querySelectorAll(`[data-page="${page}"]`)) {
    each.ariaLabel &&= each.ariaLabel.replace(each.dataset.title, () => title);
    each.dataset.title = title;
  }
});
