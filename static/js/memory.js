/* localStorage, where the browser allows it: it may be blocked, especially in frames. */
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
    // the value lasts until the page is closed
  }
}
