/* Choosing, dropping and previewing a photo. The form itself is plain HTML, sent by htmx. */
export function setUpStudio() {
  const form = document.getElementById("photo-form");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  input.addEventListener("change", () => showPreview(form, input.files[0]));
  setUpDrop(form, input);
  setUpProgress(form);
}

function showPreview(form, file) {
  const preview = form.querySelector("#preview");
  if (preview.src) URL.revokeObjectURL(preview.src);
  preview.hidden = !file?.type.startsWith("image/");
  if (preview.hidden) return;
  preview.src = URL.createObjectURL(file);
  preview.alt = `Preview of ${file.name}`;
}

/* Only a drag that carries files is ours; text and links keep their usual behaviour. */
function setUpDrop(form, input) {
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
    const chosen = new DataTransfer();
    chosen.items.add(event.dataTransfer.files[0]);
    input.files = chosen.files;
    input.dispatchEvent(new Event("change"));
    form.querySelector("button[type=submit]").focus();
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
  form.querySelector("input[type=file]").value = "";
  showPreview(form, undefined);
  document.getElementById("result").scrollIntoView({ block: "start" });
}
