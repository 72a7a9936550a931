// Cells over a photo, as ssagan_jax/animation/warping/grids.py has them.

import { REFLECT, field } from "./arrays.js";
import { nearest } from "./motion.js";

const SIDE = 480; // cells: about how many the long side of a large photo has

export class Grid {
  /** step: pixels to a side of a cell. */
  constructor(width, height, step = Math.max(1, nearest(Math.max(width, height) / SIDE))) {
    Object.assign(this, { width, height, step, columns: Math.ceil(width / step), rows: Math.ceil(height / step) });
  }

  /** The mean of each cell. */
  reduced({ data, width, height, channels }) {
    const { step, columns, rows } = this;
    const made = field(columns, rows, channels);
    for (let y = 0; y < rows * step; y++)
      for (let x = 0; x < columns * step; x++) {
        const from = (REFLECT(y, height) * width + REFLECT(x, width)) * channels;
        const to = (Math.floor(y / step) * columns + Math.floor(x / step)) * channels;
        for (let c = 0; c < channels; c++) made.data[to + c] += data[from + c];
      }
    made.data.forEach((sum, i) => (made.data[i] = sum / step ** 2));
    return made;
  }

  /** A field of any size that covers the photo, bilinear; the same beyond its border. */
  sampled(image) {
    const { step, columns, rows } = this;
    const across = places(columns, step * (image.width / this.width), image.width);
    const down = places(rows, step * (image.height / this.height), image.height);
    return between(image, across, down);
  }

  /** The photo's pixels, bilinear between the cells' centres. */
  enlarged(cells) {
    const down = places(this.height, 1 / this.step, this.rows);
    return between(cells, places(this.width, 1 / this.step, this.columns), down);
  }
}

/** Each cell's own place, (x, y). */
export function ownPlaces(width, height) {
  const made = field(width, height, 2);
  for (let i = 0; i < width * height; i++) made.data.set([i % width, Math.floor(i / width)], 2 * i);
  return made;
}

/** Of each of `count` places, `step` apart: the value before, the one after, and the share of that. */
function places(count, step, length) {
  return Array.from({ length: count }, (_, i) => {
    const place = Math.min(Math.max((i + 0.5) * step - 0.5, 0), length - 1);
    const before = Math.floor(place);
    return [before, Math.min(before + 1, length - 1), place - before];
  });
}

function between({ data, width, channels }, across, down) {
  const made = field(across.length, down.length, channels);
  let o = 0;
  for (const [top, bottom, below] of down)
    for (let x = 0; x < across.length; x++) {
      const [left, right, beside] = across[x];
      const [a, b] = [(top * width + left) * channels, (top * width + right) * channels];
      const [c, d] = [(bottom * width + left) * channels, (bottom * width + right) * channels];
      for (let k = 0; k < channels; k++) {
        const upper = data[a + k] + beside * (data[b + k] - data[a + k]);
        const lower = data[c + k] + beside * (data[d + k] - data[c + k]);
        made.data[o++] = upper + below * (lower - upper);
      }
    }
  return made;
}
