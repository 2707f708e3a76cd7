/* Tells screen readers each stage once: the fragment that holds it is replaced all the time, so the
   live region is a place of its own. */
export function setUpAnnouncer() {
  const announcer = document.getElementById("announcer");
  document.body.addEventListener("htmx:afterSettle", () => {
    const stage = document.querySelector("[data-announce]")?.dataset.announce ?? "";
    if (announcer.textContent !== stage) announcer.textContent = stage;
  });
}
