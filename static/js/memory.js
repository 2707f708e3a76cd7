/* What this browser remembers; nothing, where it does not let a page (or a frame in one) do so. */
export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // it is as loud as it is, until the page is left
  }
}
