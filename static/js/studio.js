/* Choosing, dropping and pasting photos. The form itself is plain HTML, sent by htmx; more than one
   photo goes to the queue, which is loaded then. */

function setUpStudio(form) {
  const input = form.querySelector("input[type=file]");
  input.multiple = true;
  input.addEventListener("change", () => showChoice(form, input.files));
  showChoice(form, input.files); // chosen before this was loaded, or restored by the browser
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
    files.length > 1 ? `Make ${files.length} soundscapes` : "Make a soundscape";
  if (!isImage) return;
  preview.src = URL.createObjectURL(files[0]);
  preview.alt = `Preview of ${files[0].name}`;
}

function showIcon(form, preview) {
  preview.hidden = true;
  form.querySelector(".dropzone-icon").removeAttribute("hidden");
}

/* Only a drag that carries files is ours; text and links keep their usual behaviour. */
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

/* More than one photo: the queue takes them, and htmx does not send the form. */
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
    if (event.detail.successful) makeRoom(form);
  });
  form.addEventListener("htmx:sendError", () => {
    document.getElementById("result").textContent =
      "The server could not be reached. Check the connection and try again.";
  });
}

/* The result is what counts now; what was chosen stands in it. */
function makeRoom(form) {
  const input = form.querySelector("input[type=file]");
  input.value = "";
  showChoice(form, input.files);
  document.getElementById("result").scrollIntoView({ block: "start" });
}

setUpStudio(document.getElementById("photo-form"));
