// Where a photo may move, as ssagan_jax/animation/masks.py has it: 255 where it may, 0 where it may not.

import { boxMean, fitter, luminance, stretched } from "./guided.js";
import { BILINEAR, resized } from "./resize.js";

const FEATHER = 0.01; // of the long side
const WORKING_SIDE = 320; // pixels
const UNSURE = [0.2, 0.45];
const LEAST_SKY = 0.02; // of the photo
const BINS = 128;

export class NoSky extends Error {
  constructor() {
    super("No sky was found in the photo. Paint what may move.");
  }
}

/** A painted mask whose white fades out inwards, at the photo's size. */
export function feathered(mask, from, to) {
  const radius = Math.max(1, (FEATHER * Math.max(from.width, from.height)) / 2);
  const blurred = blurredBy(mask, from, radius);
  const inner = mask.map((value, i) => Math.min(Math.max(2 * blurred[i] - 255, 0), value));
  return resized(inner, from, to, 1, BILINEAR);
}

/** The sky of a photo, 8-bit [height, width, 4], by brightness, blueness and place; or NoSky. */
export function sky(pixels, size) {
  const scale = Math.min(1, WORKING_SIDE / Math.max(size.width, size.height));
  const side = (length) => Math.max(8, Math.round(length * scale));
  const small = { width: side(size.width), height: side(size.height) };
  const reduced = resized(pixels, size, small, 4, BILINEAR);
  const score = boxMean(likeSky(reduced), small, 1);
  const threshold = Math.min(Math.max(otsu(score), UNSURE[0]), UNSURE[1]);
  const ground = reached((i) => score[i] <= threshold, small, small.height - 1);
  const above = Float32Array.from(reached((i) => !ground[i], small, 0));
  if (above.reduce((a, b) => a + b, 0) < LEAST_SKY * above.length)
    throw new NoSky();
  const edges = fitter(luminance(reduced, 4), small, { radius: 6 })(above);
  const slope = stretched(edges.slope, small, size);
  const offset = stretched(edges.offset, small, size);
  const grey = luminance(pixels, 4);
  const mask = new Uint8ClampedArray(grey.length);
  for (let y = 0, i = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++, i++) {
      const share = slope(x, y) * grey[i] + offset(x, y);
      mask[i] = Math.floor(255 * (2 * share - 0.5));
    }
  return mask;
}

function likeSky(pixels) {
  const score = new Float32Array(pixels.length / 4);
  for (let i = 0; i < score.length; i++) {
    const [red, green, blue] = [0, 1, 2].map((c) => pixels[4 * i + c] / 255);
    score[i] = blue + Math.max(0, blue - (red + green) / 2);
  }
  return score;
}

/** The threshold that parts values into two groups of the least variance within. */
function otsu(values) {
  const [low, high] = values.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [9, -9]);
  const step = (high - low) / BINS || 1;
  const counts = new Float64Array(BINS);
  for (const value of values) counts[Math.min(BINS - 1, Math.floor((value - low) / step))]++;
  const centre = (bin) => low + (bin + 0.5) * step;
  const total = counts.reduce((sum, count, bin) => sum + count * centre(bin), 0);
  let [below, weighted, best, found] = [0, 0, -1, low + step];
  for (let bin = 0; bin < BINS - 1; bin++) {
    below += counts[bin];
    weighted += counts[bin] * centre(bin);
    const above = values.length - below;
    const difference = weighted / Math.max(below, 1) - (total - weighted) / Math.max(above, 1);
    const between = below * above * difference ** 2;
    if (between > best) [best, found] = [between, low + (bin + 1) * step];
  }
  return found;
}

/** The allowed pixels that are connected, by sides, with the allowed ones of a row. */
function reached(allowed, { width, height }, row) {
  const found = new Uint8Array(width * height);
  const open = [];
  const visit = (i) => {
    if (!found[i] && allowed(i)) {
      found[i] = 1;
      open.push(i);
    }
  };
  for (let x = 0; x < width; x++) visit(row * width + x);
  while (open.length) {
    const i = open.pop();
    if (i % width > 0) visit(i - 1);
    if (i % width < width - 1) visit(i + 1);
    if (i >= width) visit(i - width);
    if (i < width * (height - 1)) visit(i + width);
  }
  return found;
}

function blurredBy(mask, size, radius) {
  const reach = Math.ceil(3 * radius);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * radius ** 2)),
  );
  const sum = kernel.reduce((a, b) => a + b, 0);
  const along = (plane, { lines, length, step, line }) => {
    const made = new Float32Array(plane.length);
    for (let i = 0; i < lines; i++)
      for (let j = 0; j < length; j++)
        for (let k = 0; k < kernel.length; k++) {
          const place = Math.min(Math.max(j + k - reach, 0), length - 1); // the border goes on
          made[i * line + j * step] += (kernel[k] / sum) * plane[i * line + place * step];
        }
    return made;
  };
  const { width, height } = size;
  const wide = along(mask, { lines: height, length: width, step: 1, line: width });
  return along(wide, { lines: width, length: height, step: width, line: 1 });
}
