/* Handle unexpected responses: no connection, an error without a fragment, a whole page. The page
   stays as it was, and a notice says why until something else is tried. The server sends its own. */
const PATIENCE = 20000; // milliseconds that a poll may take
const PAUSE = 5000; // until a failed one repeats
const GONE = [403, 404];
export const OFFLINE = "The server cannot be reached. Check your connection and try again.";
const TOO_LARGE = "The upload is too large. Choose a smaller file.";

const pausedUntil = new WeakMap();

export function setUpNotices() {
  on("htmx:configRequest", (request) => {
    renewToken(request.formData);
    if (isPoll(request)) request.timeout = PATIENCE;
  });
  on("htmx:beforeRequest", onRequest);
  on("htmx:beforeSwap", decide);
  on("htmx:afterRequest", ({ elt, successful, requestConfig, xhr }) => {
    if (successful) return clearPassing();
    const pause = GONE.includes(xhr.status) ? Infinity : PAUSE;
    if (isPoll(requestConfig)) pausedUntil.set(elt, Date.now() + pause);
  });
  for (const name of ["htmx:sendError", "htmx:timeout"])
    on(name, ({ requestConfig }) => notify(OFFLINE, isPoll(requestConfig)));
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest(".message").remove();
  });
}

export function on(name, handle) {
  document.addEventListener(name, (event) => handle(event.detail, event));
}

export function notify(words, isPassing = false) {
  const place = document.getElementById("notices");
  if (place.querySelector("p")?.textContent === words) return;
  const notice = document.createElement("div");
  notice.className = "message error notice";
  notice.role = "alert";
  notice.append(element("p", words), element("button", "Dismiss"));
  notice.lastChild.className = "link";
  notice.lastChild.dataset.dismiss = "";
  notice.toggleAttribute("data-passing", isPassing);
  place.replaceChildren(notice);
}

function element(name, words) {
  return Object.assign(document.createElement(name), { textContent: words });
}

function clearPassing() {
  document.querySelector("#notices > [data-passing]")?.remove();
}

/* A sign-in in another tab changes the token that forms carry. */
export function renewToken(fields) {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (token && fields.get("csrfmiddlewaretoken")) fields.set("csrfmiddlewaretoken", token);
}

function isPoll({ verb, triggeringEvent }) {
  return verb === "get" && (triggeringEvent?.type ?? "lists-changed") === "lists-changed";
}

export function clearNotices() {
  document.getElementById("notices").replaceChildren();
}

/* Polls wait after a failure, and while somebody types into what they would replace. */
function onRequest({ elt, requestConfig }, event) {
  if (!isPoll(requestConfig)) return clearNotices();
  if (isEdited(elt) || Date.now() < (pausedUntil.get(elt) ?? 0)) event.preventDefault();
}

function isEdited(part) {
  return part.querySelector("details[open]:not(.layer-more) input:not([type=hidden])");
}

function decide(detail) {
  const { xhr } = detail;
  if (isPoll(detail.requestConfig) && isEdited(detail.target)) {
    detail.shouldSwap = false;
  } else if (xhr.getResponseHeader("HX-Retarget")) {
    const isKnown = detail.target.textContent.trim() === textOf(detail.serverResponse);
    if (isKnown) detail.shouldSwap = false;
  } else if (!isFragment(xhr)) {
    detail.shouldSwap = false;
    detail.isError = true;
    const words = `The server is unavailable (status ${xhr.status}). Try again in a minute.`;
    notify(xhr.status === 413 ? TOO_LARGE : words);
  }
}

/* An empty response counts as a fragment. */
function isFragment(xhr) {
  const type = xhr.getResponseHeader("Content-Type") ?? "";
  return !xhr.response || (type.startsWith("text/html") && !/^\s*<(!doctype|html)/i.test(xhr.response));
}

function textOf(html) {
  return new DOMParser().parseFromString(html, "text/html").body.textContent.trim();
}
