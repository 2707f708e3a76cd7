/* Buttons that copy and share the field they name, the choice of the theme, and shortcuts. */
import { copy } from "./copying.js";
import { share } from "./sharing.js";
import { press, show } from "./shortcuts.js";
import { choose } from "./theme.js";

export function use(event) {
  const { type, target } = event;
  const button = target.closest("[data-copy], [data-share], [data-shortcuts]");
  if (type === "keydown") press(event);
  else if (type === "change") choose(target.value);
  else if (button?.dataset.copy) copy(button);
  else if (button?.dataset.share) share(button);
  else if (button) show();
}
