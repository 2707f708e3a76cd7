/* Choose, drop and paste images. htmx submits the form for one image; several images go to the
   upload queue, which is loaded on demand.

   htmx and the back button replace the form, so nothing here keeps a reference to it. */
import { keepPageWhile } from "./leaving.js";
import { clearNotices, notify, OFFLINE, on } from "./notices.js";

let queue = null;
let sending = null; // the image on its way

const formOnPage = () => document.getElementById("photo-form");
const chooserOf = (form) => form.querySelector("input[type=file]");

/* Show what was chosen before this script loaded. */
function refresh() {
  const form = formOnPage();
  if (!form) return;
  chooserOf(form).multiple = true;
  showChoice(form);
  showPresets();
}

async function showPresets() {
  const field = document.querySelector("#photo-form [open] [name=duration]");
  if (field) (await import("./options.js")).addPresets(field);
}

function choose(files) {
  const form = formOnPage();
  if (!form) return;
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  chooserOf(form).files = chosen.files;
  onChange({ target: chooserOf(form) });
  form.querySelector("#make").focus();
}

function showChoice(form) {
  const { files } = chooserOf(form);
  const preview = form.querySelector("#preview");
  if (preview.src) URL.revokeObjectURL(preview.src);
  const isImage = Boolean(files[0]?.type.startsWith("image/"));
  preview.hidden = !isImage;
  form.querySelector(".dropzone-icon").toggleAttribute("hidden", isImage);
  form.querySelector("#make").textContent =
    files.length > 1 ? `Create ${files.length} soundscapes` : "Create soundscape";
  const names = [...files].map((file) => file.name).join(", ");
  const chosen = form.querySelector("#chosen");
  chosen.dataset.usual ??= chosen.textContent;
  chosen.textContent = names || chosen.dataset.usual;
  if (!isImage) return;
  preview.src = URL.createObjectURL(files[0]);
  if ([...files].some((file) => file.size > 1e6))
    import("./shrinking.js").then((part) => part.shrinkChoice(chooserOf(form)), () => {});
}

function clearChoice(form) {
  chooserOf(form).value = "";
  showChoice(form);
}

/* Most browsers cannot show HEIC. Such events do not bubble. */
function onPreviewError({ target }) {
  if (target.id !== "preview") return;
  target.hidden = true;
  formOnPage()?.querySelector(".dropzone-icon").removeAttribute("hidden");
}

/* Handle drags of files only; text and links keep their usual behaviour. */
function onDrag(event) {
  if (!formOnPage() || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  const isOver = event.type === "dragover" || (event.type === "dragleave" && event.relatedTarget);
  document.body.classList.toggle("dragging", Boolean(isOver));
  if (event.type === "drop") choose(event.dataTransfer.files);
}

/* Before htmx sends the form: refuse a file that is too large, and pass several to the queue. */
function onConfirm({ elt: form }, event) {
  if (form !== formOnPage()) return;
  const files = [...chooserOf(form).files];
  if (files.length > 1) {
    event.preventDefault();
    enqueue(form);
  } else if (files[0]?.size > Number(form.dataset.maxBytes)) {
    event.preventDefault();
    notify(`The file is larger than ${form.dataset.maxBytes / 2 ** 20} MB. Choose a smaller one.`);
  }
}

/* The files stay in the chooser until the queue has them, once. */
async function enqueue(form) {
  try {
    const { UploadQueue } = await loadQueue(form.dataset.queue);
    const section = document.getElementById("queue");
    if (queue?.section !== section) queue = new UploadQueue(section, form);
    queue.add([...chooserOf(form).files]);
    clearChoice(form);
  } catch {
    notify(OFFLINE);
  }
}

/* Browsers remember that a module could not be loaded, so a new attempt needs a new URL. */
const loadQueue = (url) => import(url).catch(() => import(`${url}?at=${Date.now()}`));

function setUpProgress() {
  const bar = () => document.getElementById("upload-progress");
  on("htmx:beforeRequest", ({ elt }) => {
    if (elt === formOnPage()) [sending] = chooserOf(elt).files;
  });
  on("htmx:xhr:progress", ({ elt, lengthComputable, loaded, total }) => {
    if (elt !== formOnPage() || !lengthComputable) return;
    bar().hidden = false;
    bar().value = (100 * loaded) / total;
  });
  on("htmx:afterRequest", ({ elt, successful, target }) => {
    const form = formOnPage();
    if (!form) return;
    const sent = sending;
    if (elt === form) sending = null;
    bar().hidden = !sending;
    if (!successful || target.id !== "result") return;
    if (chooserOf(form).files[0] === sent) clearChoice(form);
    target.scrollIntoView();
  });
}

/* Errors of an earlier choice go. */
function onChange({ target }) {
  const form = formOnPage();
  if (!form || target !== chooserOf(form)) return;
  clearNotices();
  document.querySelector("#result > .message")?.remove();
  showChoice(form);
}

document.addEventListener("change", onChange);
document.addEventListener("error", onPreviewError, true);
document.addEventListener("toggle", showPresets, true);
document.addEventListener("paste", (event) => {
  const { files } = event.clipboardData;
  if (files.length && !document.activeElement.matches(":read-write")) choose(files);
});
on("htmx:confirm", onConfirm);
window.addEventListener("pageshow", refresh);
document.addEventListener("visibilitychange", async () => {
  if (!document.hidden && formOnPage()) (await import("./lists.js")).refresh();
});
for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, onDrag);
setUpProgress();
keepPageWhile(() => sending || queue?.hasUnsent);
refresh();
