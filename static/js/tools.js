/* What few clicks and keys need: playing cards, comparing, copying, sharing, theme, shortcuts. */
const BUTTONS = "[data-play], [data-compare], [data-copy], [data-share], [data-shortcuts]";

export async function use(event) {
  const { type, target } = event;
  const button = target.closest(BUTTONS);
  if (type === "keydown") (await import("./shortcuts.js")).press(event);
  else if (type === "change") (await import("./theme.js")).choose(target.value);
  else if (!button) return;
  else if ("play" in button.dataset) (await import("./mini_player.js")).play(button);
  else if ("compare" in button.dataset) (await import("./compare.js")).compare(button);
  else if ("copy" in button.dataset) (await import("./copying.js")).copy(button);
  else if ("share" in button.dataset) (await import("./sharing.js")).share(button);
  else (await import("./shortcuts.js")).show();
}
