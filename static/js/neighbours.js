/* The soundscapes before and after one, as the page lists them, else the history. */
export async function neighbour(src, step) {
  const isListed = (card) => card.dataset.src === src;
  let cards = cardsOf(document);
  if (!cards.some(isListed)) cards = await cardsOfHistory();
  const at = cards.findIndex(isListed);
  return cards.at((at + step) % cards.length);
}

function cardsOf(page) {
  return [...page.querySelectorAll("[data-play]")];
}

async function cardsOfHistory() {
  const link = document.querySelector("nav a[href$='/soundscapes/']");
  if (!link) return []; // nobody is signed in
  const answer = await fetch(link.href);
  return cardsOf(new DOMParser().parseFromString(await answer.text(), "text/html"));
}
