// Beside the page, so that it stays responsive: a photo in, its scene out, or what changes in it.

import { fitter, luminance } from "./guided.js";
import { NoSky, feathered, sky } from "./masks.js";
import { LANCZOS, resized } from "./resize.js";
import { open, plainly } from "./runtime.js";
import { DECODED } from "./scene.js";
import { sceneOf } from "./scene_here.js";

const FIELDS = ["velocity", "mask", "change", "wind"]; // of a model that warps
let model = null; // of the runtime, once it is loaded

/**
 * One message asks for one clip, or for one scene where the model's fields are told: {base, told, wanted,
 * photo: {pixels: 8-bit [height, width, 4], width, height}, moves, painted: {mask, width, height} or null}. Answers
 * are {text, bytes} on the way and, at the end, {made}, {refused} (of the photo) or {failed} (of this device).
 */
addEventListener("message", async ({ data }) => {
  try {
    const made = await make(data);
    const large = Object.values(made).map((value) => (ArrayBuffer.isView(value) ? value.buffer : value));
    postMessage({ made }, large.filter((value) => value instanceof ArrayBuffer || value instanceof ImageBitmap));
  } catch (error) {
    if (error instanceof NoSky) return postMessage({ refused: error.message });
    console.warn(error);
    postMessage({ failed: plainly(error) });
  }
});

async function make({ base, told, wanted, photo, moves, painted }) {
  const begun = performance.now();
  if (!model) {
    const report = (bytes) => postMessage({ text: "Loading the model, once", bytes });
    model = await open(base, told, wanted, report);
  }
  const ready = performance.now();
  postMessage({ text: "Working out what moves", bytes: null });
  const square = squeezed(photo, told.size);
  const running = performance.now();
  const found = await model.run(square, told.blows ? FIELDS : ["clip"]);
  const ran = performance.now();
  const made = told.blows
    ? await pictured(sceneOf(photo, { ...found, change: found.change.map((x) => 127.5 * x) }, told, painted))
    : { ...changes(found.clip, square, told), mask: allowed(photo, moves, painted) };
  const milliseconds = { loading: ready - begun, network: ran - running, all: performance.now() - begun };
  return { ...made, backend: model.backend, threads: model.threads, milliseconds };
}

/** A scene with pictures instead of numbers. */
async function pictured(scene) {
  const { width, height } = scene;
  const picture = (numbers, channels) => {
    const image = new ImageData(width, height);
    for (let i = 0; i < width * height; i++)
      for (let c = 0; c < 4; c++) image.data[4 * i + c] = c < 3 ? numbers[channels * i + (c % channels)] : 255;
    return createImageBitmap(image, DECODED);
  };
  return { ...scene, layer: await picture(scene.layer, 3), alpha: await picture(scene.alpha, 1) };
}

function allowed(photo, moves, painted) {
  if (moves === "painted") return feathered(painted.mask, painted, photo);
  return moves === "sky" ? sky(photo.pixels, photo) : null;
}

/** The whole photo as the model's square, without the fourth channel. */
function squeezed(photo, side) {
  const square = resized(photo.pixels, photo, { width: side, height: side }, 4, LANCZOS);
  return square.filter((_, i) => i % 4 !== 3);
}

/**
 * How each frame of a clip in [-1, 1] differs from the first, fitted to the photo: float32
 * [frames, 2, size, size, 4], slopes and then offsets, in grey levels; the fourth channel is there for the graphics
 * processor.
 */
function changes(clip, square, { size, frames }) {
  const fit = fitter(luminance(square, 3), { width: size, height: size });
  const area = size * size;
  const grey = Uint8ClampedArray.from(clip, (x) => Math.round((x + 1) * 127.5));
  const planes = new Float32Array(frames * 2 * area * 4);
  for (let t = 0; t < frames; t++)
    for (let c = 0; c < 3; c++) {
      const change = new Float32Array(area);
      for (let i = 0; i < area; i++) change[i] = grey[(t * area + i) * 3 + c] - grey[i * 3 + c];
      const { slope, offset } = fit(change);
      for (let i = 0; i < area; i++) {
        planes[(2 * t * area + i) * 4 + c] = slope[i];
        planes[((2 * t + 1) * area + i) * 4 + c] = offset[i];
      }
    }
  return { planes, size, frames };
}
