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
    this.addEventListener("click", (event) => this.onClick(event));
    this.addEventListener("htmx:afterSettle", () => this.count());
    this.count();
  }

  get boxes() {
    return [...this.querySelectorAll("input[name=pk]")];
  }

  onClick(event) {
    const { target } = event;
    if (target.matches("input[name=pk]")) this.onPick(target, event.shiftKey);
    if (target.matches(".select-all")) this.select(this.boxes, true);
    if (target.matches(".select-none")) this.select(this.boxes, false);
  }

  /* With Shift, a click sets all boxes since the previous click. */
  onPick(box, isRange) {
    const ends = [this.boxes.indexOf(this.last), this.boxes.indexOf(box)].sort((a, b) => a - b);
    if (isRange && ends[0] >= 0) this.select(this.boxes.slice(ends[0], ends[1] + 1), box.checked);
    this.last = box;
  }

  select(boxes, isSelected) {
    for (const box of boxes) box.checked = isSelected;
    this.count();
  }

  count() {
    const selected = this.boxes.filter((box) => box.checked).length;
    this.classList.toggle("selecting", selected > 0);
    this.querySelector(".bulk-count").textContent = selected ? `${selected} selected` : "";
  }
}

customElements.define("bulk-selection", BulkSelection);
