/* Escape and a click elsewhere close menus and the forms that lie over the page. */
const OVERLAYS = "details:is(.menu, .rename, .make-link)[open]";

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(OVERLAYS))
    if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector(OVERLAYS);
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
