/* localStorage and other tabs, where the browser allows them: they may be blocked, especially in frames. */
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

/* Return a channel to other tabs, or null. */
export function channelTo(name) {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null;
  }
}
