/* The history page: the form omits empty fields, which keeps URLs short, and a bar appears once a
   card is selected. */
import "./menus.js";

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id !== "filters") return;
  const fields = event.detail.parameters;
  for (const name of Object.keys(fields)) if (!fields[name]) delete fields[name];
});

class BulkSelection extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", () => this.count());
    this.addEventListener("htmx:afterSettle", () => this.count());
    this.count();
  }

  count() {
    const selected = this.querySelectorAll("input[name=pk]:checked").length;
    this.classList.toggle("selecting", selected > 0);
    this.querySelector(".bulk-count").textContent = selected ? `${selected} selected` : "";
  }
}

customElements.define("bulk-selection", BulkSelection);
