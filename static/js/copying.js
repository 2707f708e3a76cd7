/* What a button with data-copy does once it is clicked. */
export async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
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
