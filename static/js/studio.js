/* Choose, drop and paste images. htmx submits the form for one image; several images go to the
   upload queue, which is loaded on demand. */

function setUpStudio(form) {
  const input = form.querySelector("input[type=file]");
  input.multiple = true;
  input.addEventListener("change", () => showChoice(form, input.files));
  showChoice(form, input.files); // chosen before this script loaded, or restored by the browser
  setUpDrop((files) => choose(form, input, files));
  document.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) choose(form, input, event.clipboardData.files);
  });
  const preview = form.querySelector("#preview");
  preview.addEventListener("error", () => showIcon(form, preview)); // HEIC, in most browsers
  setUpQueue(form, input);
  setUpProgress(form);
}

function choose(form, input, files) {
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  input.files = chosen.files;
  input.dispatchEvent(new Event("change"));
  form.querySelector("#make").focus();
}

function showChoice(form, files) {
  const preview = form.querySelector("#preview");
  if (preview.src) URL.revokeObjectURL(preview.src);
  const isImage = files[0]?.type.startsWith("image/");
  preview.hidden = !isImage;
  form.querySelector(".dropzone-icon").toggleAttribute("hidden", isImage);
  form.querySelector("#make").textContent =
    files.length > 1 ? `Create ${files.length} soundscapes` : "Create soundscape";
  if (!isImage) return;
  preview.src = URL.createObjectURL(files[0]);
  preview.alt = `Preview of ${files[0].name}`;
}

function showIcon(form, preview) {
  preview.hidden = true;
  form.querySelector(".dropzone-icon").removeAttribute("hidden");
}

/* Handle drags of files only; text and links keep their usual behaviour. */
function setUpDrop(onFiles) {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dragging");
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.body.classList.remove("dragging");
    onFiles(event.dataTransfer.files);
  });
}

/* Upload several images through the queue instead of submitting the form with htmx. */
function setUpQueue(form, input) {
  let queue = null;
  form.addEventListener("htmx:confirm", async (event) => {
    if (event.detail.elt !== form || input.files.length < 2) return;
    event.preventDefault();
    const files = [...input.files];
    input.value = "";
    showChoice(form, input.files);
    const { UploadQueue } = await import("./upload_queue.js");
    queue ??= new UploadQueue(document.getElementById("queue"), form);
    queue.add(files);
  });
}

function setUpProgress(form) {
  const bar = form.querySelector("#upload-progress");
  form.addEventListener("htmx:xhr:progress", (event) => {
    if (!event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = (100 * event.detail.loaded) / event.detail.total;
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    bar.hidden = true;
    if (event.detail.successful) showResult(form);
  });
  form.addEventListener("htmx:sendError", () => {
    document.getElementById("result").textContent =
      "The server cannot be reached. Check your connection and try again.";
  });
}

/* Scroll to the result, which shows the chosen image, and clear the form. */
function showResult(form) {
  const input = form.querySelector("input[type=file]");
  input.value = "";
  showChoice(form, input.files);
  document.getElementById("result").scrollIntoView({ block: "start" });
}

setUpStudio(document.getElementById("photo-form"));
