// What ssagan_jax/demo/scenes.py makes of a photo and its fields, made on this device.

import { byArea, field, mapped, picked, stacked } from "./arrays.js";
import { Grid } from "./cells.js";
import { smoothed, spread } from "./filling.js";
import { ISLAND, completed } from "./layers.js";
import { NoSky } from "./masks.js";
import { LANCZOS, resized } from "./resize.js";
import { skyOf } from "./sky_line.js";

const WIDER = 2; // cells of the page: so many of the grid's, along a side
const LIGHT_SIDE = 32; // cells: the change of light is coarse
const LIVELY = 0.006; // of the width a frame: the likely wind is no slower here
const HORIZON = 0.95; // of what moves lies above it
const LEAST_MOVING = 0.001; // of the photo

/**
 * photo: {pixels: 8-bit [height, width, 4], width, height}; fields: velocity [size, size, 2], mask [size, size],
 * change [frames, size, size, 3] in grey levels, wind [2]; painted: null or {mask, width, height}, what moves then.
 * Returns a scene as scene.js has it, but layer and alpha as numbers: [height, width, 3], [height, width]. Or NoSky.
 */
export function sceneOf(photo, fields, { size, frames }, painted) {
  const grid = new Grid(photo.width, photo.height);
  const picture = picked({ ...photo, channels: 4, data: photo.pixels }, [0, 1, 2]);
  const wind = lively(fields.wind, photo.height / photo.width);
  let mask = field(size, size, 1, fields.mask);
  const rest = restOf(fields, size);
  let alpha;
  if (painted) {
    const wanted = resized(painted.mask, painted, mask, 1, LANCZOS);
    mask = mapped(mask, (x, i) => Math.max(x, wanted[i] / 255)); // what is painted moves with the wind
    alpha = field(photo.width, photo.height, 1, painted.mask);
  } else alpha = skyOf(picture, mask, grid);
  if (alpha.data.reduce((a, b) => a + b, 0) < 255 * LEAST_MOVING * alpha.data.length) throw new NoSky();
  const cells = new Grid(photo.width, photo.height, WIDER * grid.step);
  const motion = motionOf(stacked(mask, rest, away(mask, photo.height / photo.width)), alpha, cells);
  const light = lightOf(fields.change, mask, frames);
  return {
    width: photo.width,
    height: photo.height,
    step: cells.step,
    columns: motion.width,
    rows: motion.height,
    frames,
    side: light.side,
    wind,
    motion: picked(motion, [0, 1, 2]).data,
    radial: picked(motion, [3, 4]).data,
    light: light.data,
    layer: completed(picture, alpha, grid, painted ? 0 : ISLAND),
    alpha: Uint8ClampedArray.from(alpha.data),
  };
}

/** The likely wind, made faster where it is hardly any. */
function lively([right, down], aspect) {
  const pace = Math.hypot(right, down * aspect);
  if (!pace) return [LIVELY, 0];
  return [right, down].map((x) => x * Math.max(1, LIVELY / pace));
}

/** The velocity without the wind's part. */
function restOf({ velocity, mask, wind }, size) {
  return mapped(field(size, size, 2, velocity), (x, i) => x - mask[i >> 1] * wind[i % 2]);
}

/**
 * Fields in cells, smooth, as WarpedRenderer.spread has them: the first is no length, then come pairs of shares of
 * the width and the height.
 */
function motionOf(fields, alpha, cells) {
  const scale = [cells.height / cells.step, cells.width / cells.step];
  const { channels } = fields;
  const values = mapped(cells.sampled(fields), (x, i) => (i % channels ? x * scale[(i % channels) % 2] : x));
  const share = cells.reduced(alpha).data;
  const surely = mapped(picked(values, [0]), (x, i) => (x ** 4 * share[i]) / 255);
  return smoothed(values, surely, cells.columns / fields.width);
}

/** What goes away, by a width a frame on average, as `radial` of ssagan_jax/animation/named_winds.py. */
function away(mask, aspect) {
  const { data, width, height } = mask;
  const total = Math.max(data.reduce((a, b) => a + b, 0), 1e-6);
  let [last, above] = [0, 0]; // the horizon's row: the first that has enough of what moves above its lower edge
  for (; last < height; last++) {
    for (let x = 0; x < width; x++) above += data[last * width + x];
    if (above >= HORIZON * total) break;
  }
  const horizon = (last + 1) / height;
  const made = field(width, height, 2);
  let paces = 0;
  for (let i = 0; i < width * height; i++) {
    const up = Math.max(0, horizon - (Math.floor(i / width) + 0.5) / height);
    made.data.set([up * (0.5 - ((i % width) + 0.5) / width), up * up], 2 * i);
    paces += Math.hypot(made.data[2 * i], made.data[2 * i + 1] * aspect) * data[i];
  }
  return mapped(made, (x) => (paces ? (x * total) / paces : 0));
}

/** The change of what moves, also where nothing does: [frames, side, side, 3]. */
function lightOf(change, mask, frames) {
  const { width: size } = mask;
  const side = Math.min(size, LIGHT_SIDE);
  const together = field(size, size, 3 * frames);
  const area = size * size;
  for (let t = 0; t < frames; t++)
    for (let i = 0; i < area; i++)
      for (let c = 0; c < 3; c++) together.data[(i * frames + t) * 3 + c] = change[(t * area + i) * 3 + c];
  const small = byArea(spread(together, mask), side, side);
  const data = new Float32Array(small.data.length);
  for (let t = 0; t < frames; t++)
    for (let i = 0; i < side * side; i++)
      for (let c = 0; c < 3; c++) data[(t * side * side + i) * 3 + c] = small.data[(i * frames + t) * 3 + c];
  return { data, side };
}
