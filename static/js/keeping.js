/* <keep-offline> keeps a soundscape on this device, and <kept-list> lists what is kept. */
import "./clicks.js";
import { isPossible, keep, list, remove, removeLeftovers } from "./kept.js";
import { announce, trackOf } from "./playback.js";

const FULL = "This device has no space left. Remove other soundscapes first.";
const LOST = "It could not be saved offline. Check your connection and try again.";
const megabytes = (size) => `${(size / 1e6).toFixed(1)} MB`;

class KeepOffline extends HTMLElement {
  async connectedCallback() {
    if (!isPossible) return;
    this.button = this.querySelector("button");
    this.words = this.querySelector("[role=status]");
    this.button.onclick = () => this.change();
    const entries = await list();
    this.show(entries.find(({ page }) => page === this.track.page));
    this.hidden = false;
    this.register().catch(() => {}); // everything else works without it
  }

  get track() {
    return trackOf(this); // with its title of now
  }

  /* From here, because nothing needs the service worker before there is a soundscape. */
  register() {
    return navigator.serviceWorker.register(this.dataset.worker);
  }

  show(entry) {
    this.entry = entry;
    this.button.textContent = entry ? "Remove from this device" : "Keep offline";
    this.say(entry ? `Kept on this device, ${megabytes(entry.size)}. ` : "");
    if (entry) this.words.append(link(this.dataset.list, "Show all"));
  }

  say(words) {
    this.words.textContent = words;
  }

  async change() {
    this.button.disabled = true;
    try {
      if (this.entry) this.show(await remove(this.entry));
      else {
        this.say("Loading…");
        await this.register();
        this.show(await keep(this.track, [this.track.artwork, this.dataset.thumbnail]));
      }
    } catch (error) {
      this.say(error.name === "QuotaExceededError" ? FULL : LOST);
    }
    this.button.disabled = false;
  }
}

class KeptList extends HTMLElement {
  connectedCallback() {
    this.usual = [...this.childNodes];
    this.show();
  }

  async show() {
    const entries = isPossible ? await list() : [];
    if (!entries.length) return this.replaceChildren(...this.usual);
    const size = entries.reduce((sum, entry) => sum + entry.size, 0);
    const total = element("p", "hint", `${entries.length} kept, ${megabytes(size)}`);
    const rows = element("ul", "grid");
    rows.append(...entries.map((entry) => this.card(entry)));
    this.replaceChildren(total, rows);
    announce(); // one of them may be playing
  }

  card(entry) {
    const card = element("li", "card");
    const frame = element("div", "card-image");
    const image = Object.assign(document.createElement("img"), { src: entry.artwork, alt: "" });
    const play = element("button", "card-play");
    play.setAttribute("aria-label", `Play ${entry.title}`);
    const { src, parts, page, title, artwork, duration } = entry;
    Object.assign(play.dataset, { play: "", src, parts, page, title, artwork, duration });
    frame.append(image, play);
    const heading = element("h2", "");
    heading.append(Object.assign(link(page, title), { className: "card-title", dir: "auto" }));
    const drop = element("button", "link danger", "Remove");
    drop.append(element("span", "visually-hidden", ` ${title}`));
    drop.onclick = async () => {
      await remove(entry);
      await this.show();
      document.getElementById("main").focus({ preventScroll: true });
    };
    card.append(frame, heading, element("p", "hint", megabytes(entry.size)), drop);
    return card;
  }
}

function element(name, className, words = "") {
  return Object.assign(document.createElement(name), { className, textContent: words });
}

function link(href, words) {
  return Object.assign(document.createElement("a"), { href, textContent: words });
}

customElements.define("keep-offline", KeepOffline);
customElements.define("kept-list", KeptList);
if (isPossible) removeLeftovers();
