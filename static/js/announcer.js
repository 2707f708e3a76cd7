/* Announces each stage to screen readers once. The live region is outside the fragment that shows
   the stage, because htmx keeps replacing that fragment. */
export function setUpAnnouncer() {
  const announcer = document.getElementById("announcer");
  document.body.addEventListener("htmx:afterSettle", () => {
    const stage = document.querySelector("[data-announce]")?.dataset.announce ?? "";
    if (announcer.textContent !== stage) announcer.textContent = stage;
  });
}
