/* Large photos are made as small as the server keeps them before they are sent: a phone's photo is
   uploaded ten times as fast, and its location never leaves the device. What this browser cannot
   read is sent as it is. */
const SIDE = 2048; // pixels
const QUALITY = 0.92;

export async function shrinkChoice(chooser) {
  const { form } = chooser;
  const files = [...chooser.files];
  let isWanted = false;
  const wait = (event) => {
    if (event.detail.elt !== form) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    isWanted = true;
  };
  document.addEventListener("htmx:confirm", wait, true);
  const smaller = [];
  // One after another: a phone's memory does not hold many decoded photos.
  for (const file of files) smaller.push(await shrunken(file).catch(() => file));
  document.removeEventListener("htmx:confirm", wait, true);
  const isSame = files.every((file, at) => chooser.files[at] === file);
  if (!isSame || files.length !== chooser.files.length) return; // something else was chosen
  const chosen = new DataTransfer();
  for (const file of smaller) chosen.items.add(file);
  chooser.files = chosen.files;
  if (isWanted) form.requestSubmit();
}

async function shrunken(file) {
  if (file.type !== "image/jpeg") return file;
  const bitmap = await createImageBitmap(file); // upright
  const ratio = SIDE / Math.max(bitmap.width, bitmap.height);
  const blob = ratio < 1 && (await smallerOf(bitmap, ratio, file.type));
  bitmap.close();
  return blob ? new File([blob], file.name, { type: file.type, lastModified: file.lastModified }) : file;
}

function smallerOf(bitmap, ratio, type) {
  const canvas = new OffscreenCanvas(Math.round(ratio * bitmap.width), Math.round(ratio * bitmap.height));
  const context = canvas.getContext("2d"); // sRGB
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type, quality: QUALITY });
}
