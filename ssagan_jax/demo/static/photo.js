// A visitor's file made ready to be sent: upright, no larger than needed, without its metadata.

/**
 * Reduces a photo to `side` pixels on the long side and to whole `step`s, as a JPEG.
 * One of less than `least` pixels a side is refused. The place and camera in its metadata stay with the visitor, since only the pixels are sent.
 */
export async function prepare(file, { side, step, least }) {
  const picture = await decoded(file);
  if (Math.min(picture.width, picture.height) < least)
    throw new Error(
      `This photo has only ${picture.width} x ${picture.height} pixels, and ${least} x ${least} are needed. Choose a larger one.`,
    );
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const canvas = document.createElement("canvas");
  canvas.width = whole(width, step);
  canvas.height = whole(height, step);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // behind what is transparent
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  const left = Math.floor((canvas.width - width) / 2);
  const top = Math.floor((canvas.height - height) / 2);
  pen.drawImage(picture, left, top, width, height);
  picture.close?.();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.94));
  if (!blob) throw new Error("This photo is too large for this browser.");
  return { blob, width: canvas.width, height: canvas.height, reduced: scale < 1 };
}

const whole = (length, step) => (length < step ? length : length - (length % step));

async function decoded(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Error("This browser cannot read that file as a photo. JPEG, PNG and WebP work.");
  }
}
