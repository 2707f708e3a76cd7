/* A button beside every password field shows and hides what is typed. */
export function addToggles() {
  for (const field of document.querySelectorAll(":not(.password) > [type=password]")) {
    const hadFocus = document.activeElement === field;
    const toggle = toggleOf(field);
    const row = document.createElement("div");
    row.className = "password";
    field.replaceWith(row);
    row.append(field, toggle);
    if (hadFocus) field.focus();
  }
}

function toggleOf(field) {
  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.className = "link";
  const name = document.createElement("span");
  name.className = "visually-hidden";
  name.textContent = ` ${field.labels[0]?.textContent.replace(/:$/, "").toLowerCase()}`;
  const show = (isShown) => {
    field.type = isShown ? "text" : "password";
    toggle.replaceChildren(isShown ? "Hide" : "Show", name);
  };
  toggle.addEventListener("click", () => show(field.type === "password"));
  field.form.addEventListener("submit", () => show(false)); // browsers offer to save only passwords
  show(false);
  return toggle;
}
