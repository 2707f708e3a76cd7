/* Large photos are made as small as the server keeps them before they are sent: a phone's photo is
   uploaded ten times as fast, and its location never leaves the device. What this browser cannot
   read is sent as it is. */
const SIDE = 2048; // pixels
const QUALITY = 0.92;

export async function shrinkChoice(chooser) {
  const files = [...chooser.files];
  const smaller = await Promise.all(files.map((file) => shrunken(file).catch(() => file)));
  const isSame = files.every((file, at) => chooser.files[at] === file);
  if (!isSame || files.length !== chooser.files.length) return; // something else was chosen
  const chosen = new DataTransfer();
  for (const file of smaller) chosen.items.add(file);
  chooser.files = chosen.files;
}

async function shrunken(file) {
  if (file.type !== "image/jpeg") return file;
  const bitmap = await createImageBitmap(file); // upright
  const ratio = SIDE / Math.max(bitmap.width, bitmap.height);
  if (ratio >= 1) return file;
  const canvas = new OffscreenCanvas(Math.round(ratio * bitmap.width), Math.round(ratio * bitmap.height));
  const context = canvas.getContext("2d"); // sRGB
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await canvas.convertToBlob({ type: file.type, quality: QUALITY });
  return new File([blob], file.name, { type: file.type, lastModified: file.lastModified });
}
