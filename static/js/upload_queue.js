/* An upload queue: each image has a line with its progress and, if rejected, the reason.

   Images are sent one after another. The server responds with the line of the job, which then
   updates itself. */
import "./focus.js";
import { renewToken } from "./notices.js";
import { delay } from "./sound.js";

const SOON = 60; // seconds: the longest delay after which a postponed image is sent again
const FOR_EVER = [400, 413, 415]; // the image itself is at fault

export class UploadQueue {
  constructor(section, form) {
    this.section = section;
    this.form = form;
    this.list = section.querySelector(".jobs");
    this.summary = section.querySelector("#queue-summary");
    this.waiting = [];
    this.failed = new Set(); // what can be sent again
    this.isSending = false;
    document.body.addEventListener("htmx:afterSettle", () => this.sumUp());
  }

  get hasUnsent() {
    return this.isSending || this.waiting.length > 0 || this.failed.size > 0;
  }

  add(files) {
    for (const file of files) {
      const line = newLine(file);
      this.list.append(line);
      this.wait({ file, line, options: this.options() });
    }
    this.section.scrollIntoView({ block: "nearest" });
    this.sumUp();
    this.sendNext();
  }

  /* A copy of the form's values: later changes apply to later images only. */
  options() {
    const fields = new FormData(this.form);
    fields.delete("image");
    fields.set("as", "job");
    return fields;
  }

  /* Let an image wait for its turn. It can be cancelled until the server has responded. */
  wait(image) {
    const cancel = choice("Cancel", () => {
      this.waiting = this.waiting.filter((each) => each !== image);
      image.request?.abort();
      this.remove(image.line);
    });
    cancel.classList.add("danger");
    cancel.ariaLabel = `Cancel ${image.file.name}`;
    image.line.append(cancel);
    this.waiting.push(image);
  }

  async sendNext() {
    if (this.isSending) return;
    const next = this.waiting.shift();
    if (!next) return;
    this.isSending = true;
    const pause = await this.send(next);
    if (pause) {
      this.waiting.unshift(next);
      await delay(1000 * pause);
    }
    this.isSending = false;
    this.sumUp();
    this.sendNext();
  }

  /* Upload one image. Return the seconds to wait if the server asks to retry later. */
  async send(image) {
    const { file, line, options } = image;
    const dismiss = () => {
      this.failed.delete(file);
      this.remove(line);
    };
    const again = () => {
      this.failed.delete(file);
      const fresh = newLine(file);
      this.wait({ file, line: fresh, options });
      replace(line, fresh);
      this.sendNext();
    };
    const fail = (content) => {
      this.failed.add(file);
      refuse(line, content, { again, dismiss });
    };
    const limit = Number(this.form.dataset.maxBytes);
    if (file.size > limit) {
      const words = `The file is larger than ${megabytes(limit)}. Choose a smaller one.`;
      return refuse(line, words, { dismiss });
    }
    options.set("image", file);
    renewToken(options);
    try {
      image.request = new XMLHttpRequest();
      const answer = await post(image.request, this.form.action, options, line);
      const content = firstElement(answer.text);
      if (answer.retryAfter && answer.retryAfter <= SOON)
        return putOff(line, content?.textContent.trim(), answer.retryAfter);
      if (!answer.ok || !content?.matches(".job")) {
        const words = content?.querySelector("p") ?? content ?? `Error ${answer.status}.`;
        return FOR_EVER.includes(answer.status) ? refuse(line, words, { dismiss }) : fail(words);
      }
      replace(line, content);
      window.htmx.process(content);
    } catch {
      if (!line.isConnected) return; // it was cancelled
      fail("The server cannot be reached. Check your connection and try again.");
      addEventListener("online", () => line.isConnected && again(), { once: true });
    }
  }

  /* Remove a line, whose button has the focus. The next line gets it, or the chooser after the last. */
  remove(line) {
    const isFocused = line.contains(document.activeElement);
    const neighbour = line.nextElementSibling ?? line.previousElementSibling;
    line.remove();
    this.sumUp();
    if (isFocused) (neighbour?.querySelector("button, a") ?? this.form.elements.image).focus();
    if (!neighbour) document.getElementById("announcer").textContent = "No images are left";
  }

  sumUp() {
    const lines = [...this.list.children];
    if (!lines.length) return;
    const count = (...states) => lines.filter((line) => states.includes(line.dataset.state)).length;
    const [ready, failed] = [count("ready"), count("failed", "refused")];
    const words = `${ready} of ${lines.length} ready${failed ? `, ${failed} failed` : ""}`;
    if (this.summary.textContent !== words) this.summary.textContent = words;
  }
}

function newLine(file) {
  const line = document.createElement("li");
  line.className = "job";
  line.dataset.state = "uploading";
  const image = document.createElement("img");
  image.alt = "";
  image.addEventListener("error", () => image.removeAttribute("src"));
  image.addEventListener("load", () => URL.revokeObjectURL(image.src));
  if (file.type.startsWith("image/")) image.src = URL.createObjectURL(file);
  const body = document.createElement("div");
  body.className = "job-body";
  const title = document.createElement("p");
  title.className = "job-title";
  title.dir = "auto";
  title.textContent = file.name;
  const progress = document.createElement("progress");
  progress.max = 100;
  progress.value = 0;
  progress.setAttribute("aria-label", `Upload of ${file.name}`);
  body.append(title, progress);
  line.append(image, body);
  return line;
}

/* If the old part has the focus, the last button or link of the new one gets it. */
function replace(old, part) {
  const isFocused = old.contains(document.activeElement);
  old.replaceWith(part);
  if (isFocused) [...part.querySelectorAll("button, a")].at(-1).focus();
}

/* Show the reason, which may contain a link to the sign-in page, and what can be done. */
function refuse(line, reason, { again, dismiss }) {
  line.dataset.state = "refused";
  const words = document.createElement("p");
  words.className = "field-error";
  words.append(...(reason.childNodes ?? [reason]));
  line.querySelector("progress").replaceWith(words);
  const choices = document.createElement("div");
  if (again) choices.append(choice("Try again", again));
  choices.append(choice("Dismiss", dismiss));
  replace(line.querySelector("button.danger"), choices);
}

function choice(words, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link";
  button.textContent = words;
  button.addEventListener("click", act);
  return button;
}

/* Of a fragment. A whole page, which a proxy may answer, has none that is fit to be shown. */
function firstElement(html) {
  if (!/^\s*<(li|div|p)[\s>]/i.test(html)) return null;
  return document.createRange().createContextualFragment(html).firstElementChild;
}

function putOff(line, words, seconds) {
  let reason = line.querySelector(".hint");
  if (!reason) {
    reason = document.createElement("p");
    reason.className = "hint";
    line.querySelector("progress").after(reason);
  }
  reason.textContent = `${words ?? ""} The upload retries automatically.`;
  line.querySelector("progress").value = 0;
  return seconds;
}

function megabytes(bytes) {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

/* XMLHttpRequest, because fetch() does not report upload progress. */
function post(request, url, fields, line) {
  return new Promise((resolve, reject) => {
    const progress = line.querySelector("progress");
    request.open("POST", url);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress.value = (100 * event.loaded) / event.total;
    });
    request.addEventListener("load", () =>
      resolve({
        ok: request.status < 400,
        status: request.status,
        text: request.responseText,
        retryAfter: request.status >= 400 && Number(request.getResponseHeader("Retry-After")),
      }),
    );
    request.addEventListener("error", reject);
    request.addEventListener("abort", reject);
    request.send(fields);
  });
}
