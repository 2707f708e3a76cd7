/* localStorage and other tabs, where the browser allows them: they may be blocked, especially in frames. */
const unstored = new Map(); // values that last until the page is closed

export function recall(key) {
  try {
    return unstored.get(key) ?? localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
    unstored.delete(key);
  } catch {
    unstored.set(key, value);
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
