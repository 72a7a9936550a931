// The sky of a photo, by what a model says moves and by the photo, as ssagan_jax/animation/skies.py finds it.

import { REFLECT_101, bilinear, blurred, byArea, field, mapped } from "./arrays.js";
import { NoSky } from "./masks.js";
import { nearest } from "./motion.js";
import { atOutlines } from "./outlines.js";
import { withoutThin } from "./standing.js";

const SIDE = 160; // pixels: the long side of the photo in which the line is looked for
const DETAIL = 4; // so much larger is the photo in which smoothness is looked at
const WINDOW = 17; // pixels of that one
// Log odds of a pixel to be sky, at most, by each sign: the model's mask, the place, smoothness.
const [MODEL, PLACE, SMOOTH, RATHER_SKY] = [3, 2, 4, 1];
// In the same unit: an edge along the line, one above it, and a row the line goes up or down.
const [EDGE, CROSSED, STEP, JUMP] = [80, 6, 6, 40];
const FAINT = 16; // CIELAB units: such a difference is half of an edge
const NEAR = 2; // pixels above and below a line whose colours are compared
const LEAST = 0.04; // of the photo
const WHITE = [0.950456, 1, 1.088754];

/** The sky at the photo's outlines, 0 to 255; photo: of three channels; moving: the model's mask. Or NoSky. */
export function skyOf(photo, moving, grid) {
  const found = aboveTheLine(photo, moving);
  if (found.data.reduce((a, b) => a + b, 0) < LEAST * found.data.length) throw new NoSky();
  return withoutThin(photo, atOutlines(photo, found, grid));
}

/** 1 above the best line, 0 below, in a copy of the photo of at most SIDE pixels a side. */
export function aboveTheLine(photo, moving) {
  const scale = Math.min(1, SIDE / Math.max(photo.width, photo.height));
  const [width, height] = [photo.width, photo.height].map((length) => Math.max(8, nearest(length * scale)));
  const edges = edgesOf(byArea(photo, width, height));
  const odds = oddsOf(photo, moving, width, height);
  const score = new Float64Array(width * (height + 1)); // of a line above each row: what is above it is sky
  for (let x = 0; x < width; x++) {
    let [above, crossed, all] = [0, 0, 0];
    for (let y = 0; y < height; y++) all += odds.data[y * width + x];
    for (let y = 0; y <= height; y++) {
      const i = y * width + x;
      score[i] = 2 * above - all + EDGE * edges[i] - CROSSED * crossed;
      crossed += edges[i];
      if (y < height) above += odds.data[i];
    }
  }
  const line = bestLine(score, width, height + 1);
  return mapped(odds, (_, i) => (Math.floor(i / width) < line[i % width] ? 1 : 0));
}

function oddsOf(photo, moving, width, height) {
  const mask = bilinear(moving, width, height);
  const rough = ranks(roughness(photo, width, height).data);
  return mapped(mask, (x, i) => {
    const share = Math.min(Math.max(x, 0.01), 0.99);
    const model = Math.min(Math.max(Math.log(share / (1 - share)), -MODEL), MODEL);
    const down = (Math.floor(i / width) + 0.5) / height;
    return model + PLACE * (1 - 2 * down) + SMOOTH * (0.5 - rough[i]) + RATHER_SKY;
  });
}

/** Mean size of the Laplacian around pixels, in grey levels. */
function roughness(photo, width, height) {
  const large = byArea(photo, DETAIL * width, DETAIL * height);
  const [across, down] = [large.width, large.height];
  const grey = field(across, down, 1);
  for (let i = 0; i < grey.data.length; i++) {
    const [red, green, blue] = [0, 1, 2].map((c) => Math.round(large.data[3 * i + c]));
    grey.data[i] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  }
  const detail = mapped(grey, (x, i) => {
    const [column, row] = [i % across, Math.floor(i / across)];
    const at = (right, below) => grey.data[REFLECT_101(row + below, down) * across + REFLECT_101(column + right, across)];
    return Math.abs(at(-1, 0) + at(1, 0) + at(0, -1) + at(0, 1) - 4 * x);
  });
  return byArea(blurred(detail, WINDOW, WINDOW, REFLECT_101), width, height);
}

/** For each value the share of values below it. */
function ranks(values) {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const found = new Float32Array(values.length);
  order.forEach((i, rank) => (found[i] = (rank + 0.5) / values.length));
  return found;
}

/** How much colours differ above and below a line above each row, and below the last: 0 to 1. */
function edgesOf(small) {
  const { width, height } = small;
  const colours = blurred(cielab(small), 3, 1, REFLECT_101).data;
  const edges = new Float32Array(width * (height + 1));
  for (let y = 0; y <= height; y++)
    for (let x = 0; x < width; x++) {
      let squares = 0;
      for (let c = 0; c < 3; c++) {
        const value = (row) => colours[(Math.min(Math.max(row, 0), height - 1) * width + x) * 3 + c];
        let difference = 0;
        for (let k = 0; k < NEAR; k++) difference += (value(y + k) - value(y - 1 - k)) / NEAR;
        squares += difference ** 2;
      }
      edges[y * width + x] = Math.sqrt(squares) / (Math.sqrt(squares) + FAINT);
    }
  return edges;
}

/** sRGB in grey levels as CIELAB. */
function cielab(image) {
  const linear = (x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
  const root = (x) => (x > 0.008856 ? Math.cbrt(x) : 7.787 * x + 16 / 116);
  const made = field(image.width, image.height, 3);
  for (let i = 0; i < made.data.length; i += 3) {
    const [r, g, b] = [0, 1, 2].map((c) => linear(Math.round(image.data[i + c]) / 255));
    const x = root((0.412453 * r + 0.35758 * g + 0.180423 * b) / WHITE[0]);
    const y = root((0.212671 * r + 0.71516 * g + 0.072169 * b) / WHITE[1]);
    const z = root((0.019334 * r + 0.119193 * g + 0.950227 * b) / WHITE[2]);
    made.data.set([116 * y - 16, 500 * (x - y), 200 * (y - z)], i);
  }
  return made;
}

/** The row of each column, of the line with the largest sum of scores less its steps. */
function bestLine(score, width, rows) {
  const cameFrom = [];
  let best = Array.from({ length: rows }, (_, row) => score[row * width]);
  for (let x = 1; x < width; x++) {
    const from = new Uint16Array(rows);
    const next = new Array(rows);
    for (let to = 0; to < rows; to++) {
      let most = -Infinity;
      for (let row = 0; row < rows; row++) {
        const reached = best[row] - STEP * Math.min(Math.abs(to - row), JUMP);
        if (reached > most) [most, from[to]] = [reached, row];
      }
      next[to] = most + score[to * width + x];
    }
    cameFrom.push(from);
    best = next;
  }
  const line = [best.indexOf(Math.max(...best))];
  for (const from of cameFrom.reverse()) line.push(from[line.at(-1)]);
  return line.reverse();
}
