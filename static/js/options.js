/* Presets beside the duration of a soundscape. */
const PRESETS = { 30: "30 s", 60: "1 min", 300: "5 min", 900: "15 min", 3600: "1 h" };

export function addPresets(field) {
  if (field.parentElement.querySelector(".presets")) return;
  const group = document.createElement("div");
  group.className = "presets actions";
  group.role = "group";
  group.setAttribute("aria-label", "Duration");
  group.append(...Object.keys(PRESETS).map((seconds) => presetOf(field, seconds)));
  field.after(group);
  field.addEventListener("input", () => markChosen(field, group));
  markChosen(field, group);
}

function presetOf(field, seconds) {
  const button = document.createElement("button");
  button.type = "button";
  button.value = seconds;
  button.className = "button small";
  button.textContent = PRESETS[seconds];
  button.addEventListener("click", () => {
    field.value = seconds;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return button;
}

function markChosen(field, group) {
  for (const button of group.children) {
    const isChosen = button.value === field.value;
    button.setAttribute("aria-pressed", isChosen);
    button.classList.toggle("quiet", !isChosen);
  }
}
