/* Buttons that copy a field: <button data-copy="id of the field">. */
export function setUpCopying() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button, document.getElementById(button.dataset.copy));
  });
}

async function copy(button, field) {
  field.focus();
  field.select();
  try {
    await navigator.clipboard.writeText(field.value); // there on HTTPS and on this machine alone
    say("Copied.");
    flash(button);
  } catch {
    say("It is selected: copy it with the keyboard.");
  }
}

function say(words) {
  document.getElementById("announcer").textContent = words;
}

function flash(button) {
  const words = button.firstChild;
  const usual = (button.dataset.usual ??= words.textContent);
  words.textContent = "Copied";
  setTimeout(() => (words.textContent = usual), 2000);
}
