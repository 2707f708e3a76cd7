/* Say why a passkey was not used. The scripts of the package only write to the console. */
import { notify } from "./notices.js";

const WORDS = {
  NotAllowedError: "The browser's prompt was closed or took too long. Press the button to try again.",
  InvalidStateError: "This device or key is registered already. Use another one.",
};
const OTHER = "The passkey could not be used. Try again, or continue another way.";

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  notify(WORDS[event.detail.exception.name] ?? OTHER);
});
