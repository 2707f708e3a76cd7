/* Announces each stage to screen readers once. The live region is outside the fragment that shows
   the stage, because htmx keeps replacing that fragment. */
document.addEventListener("htmx:afterSettle", () => {
  const announcer = document.getElementById("announcer");
  const stage = document.querySelector("[data-announce]")?.dataset.announce ?? "";
  if (announcer.textContent !== stage) announcer.textContent = stage;
});
