/* Whatever names a soundscape follows its new title: players and buttons, which have the title in
   their data, the labels on its card, and what this device keeps. */
document.addEventListener("renamed", ({ detail: { page, title } }) => {
  for (const each of document.querySelectorAll(`[data-page="${page}"]`)) {
    each.ariaLabel &&= each.ariaLabel.replace(each.dataset.title, () => title);
    each.dataset.title = title;
  }
  for (const heart of document.querySelectorAll(`[action="${page}favourite/"] button`))
    heart.ariaLabel = `Favourite: ${title}`;
  for (const box of document.querySelectorAll(`.card:has([href="${page}"]) .pick span`))
    box.textContent = `Select ${title}`;
  import("./kept.js").then((part) => part.rename(page, title)).catch(() => {}); // it opens as it was
});
