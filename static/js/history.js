/* The history's form sends what is filled in and nothing else, so that addresses stay short; a bar
   appears with the first card that is selected. */
export function setUpHistory() {
  document.getElementById("filters")?.addEventListener("htmx:configRequest", (event) => {
    const fields = event.detail.parameters;
    for (const name of Object.keys(fields)) if (!fields[name]) delete fields[name];
  });
}

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
