/* Copy the field that a button's data-copy names. */
export async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  field.focus();
  field.select();
  try {
    await navigator.clipboard.writeText(field.value); // only on HTTPS and localhost
    say("Copied.");
    flash(button);
  } catch {
    say("The text is selected. Copy it with the keyboard.");
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
