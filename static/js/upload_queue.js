/* An upload queue: each image has a line with its progress and, if rejected, the reason.

   Images are sent one after another. The server responds with the line of the job, which then
   updates itself. */
const SOON = 60; // seconds: the longest delay after which a postponed image is sent again
const LATER = [403, 429, 503]; // a limit is reached or the server is unavailable: retry later

export class UploadQueue {
  constructor(section, form) {
    this.section = section;
    this.form = form;
    this.list = section.querySelector(".jobs");
    this.summary = section.querySelector("#queue-summary");
    this.waiting = [];
    this.isSending = false;
    document.body.addEventListener("htmx:afterSettle", () => this.sumUp());
  }

  add(files) {
    this.section.hidden = false;
    for (const file of files) {
      const line = newLine(file);
      this.list.append(line);
      this.waiting.push({ file, line, options: this.options() });
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

  async sendNext() {
    if (this.isSending) return;
    const next = this.waiting.shift();
    if (!next) return;
    this.isSending = true;
    const pause = await this.send(next);
    if (pause) {
      this.waiting.unshift(next);
      await new Promise((resolve) => setTimeout(resolve, 1000 * pause));
    }
    this.isSending = false;
    this.sumUp();
    this.sendNext();
  }

  /* Upload one image. Return the seconds to wait if the server asks to retry later. */
  async send({ file, line, options }) {
    const again = () => {
      line.replaceWith((line = newLine(file)));
      this.waiting.push({ file, line, options });
      this.sendNext();
    };
    const limit = Number(this.form.dataset.maxBytes);
    if (file.size > limit) {
      const words = `The file is larger than ${megabytes(limit)}. Choose a smaller one.`;
      return refuse(line, words);
    }
    options.set("image", file);
    try {
      const answer = await post(this.form.action, options, line.querySelector("progress"));
      const content = document.createRange().createContextualFragment(answer.text).firstElementChild;
      if (answer.retryAfter && answer.retryAfter <= SOON)
        return putOff(line, content?.textContent.trim(), answer.retryAfter);
      if (!answer.ok) {
        const words = content?.textContent.trim() || `Error ${answer.status}.`;
        return refuse(line, words, LATER.includes(answer.status) ? again : null);
      }
      line.replaceWith(content);
      window.htmx.process(content);
    } catch {
      const words = "The server cannot be reached. Check your connection and try again.";
      refuse(line, words, again);
    }
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
  if (file.type.startsWith("image/")) image.src = URL.createObjectURL(file);
  const body = document.createElement("div");
  body.className = "job-body";
  const title = document.createElement("p");
  title.className = "job-title";
  title.textContent = file.name;
  const progress = document.createElement("progress");
  progress.max = 100;
  progress.value = 0;
  progress.setAttribute("aria-label", `Upload of ${file.name}`);
  body.append(title, progress);
  line.append(image, body);
  return line;
}

function refuse(line, words, again) {
  line.dataset.state = "refused";
  const reason = document.createElement("p");
  reason.className = "field-error";
  reason.textContent = words;
  line.querySelector("progress").replaceWith(reason);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link";
  button.textContent = again ? "Try again" : "Dismiss";
  button.addEventListener("click", again ?? (() => line.remove()));
  line.append(button);
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
function post(url, fields, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
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
    request.send(fields);
  });
}
