/* Pass the link in the field that a button's data-share names to the system's share sheet. */
export async function share(button) {
  const { value } = document.getElementById(button.dataset.share);
  try {
    await navigator.share({ title: button.dataset.title, url: value });
  } catch {
    // closed without a choice
  }
}
