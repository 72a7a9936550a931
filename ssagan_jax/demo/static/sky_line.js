// The sky of a photo, by what a model says moves and by the photo, as ssagan_jax/animation/skies.py finds it.

import { REFLECT_101, bilinear, blurred, byArea, field, mapped } from "./arrays.js";
import { NoSky } from "./masks.js";
import { nearest } from "./motion.js";
import { atOutlines } from "./outlines.js";
import { withoutThin } from "./standing.js";

const SIDE = 160; // pixels: the long side of the photo in which the line is looked for
const DETAIL = 4; // so much larger is the photo in which smoothness is looked at
const WINDOW = 17; // pixels of that one
// Log odds of a pixel to be sky: per log odds of the model's mask (at most SUREST), from the upper edge to the lower one,
// per log of its roughness over that of the top of the photo (one in TOP rows; at most ROUGHEST), and what is left.
const [MODEL, PLACE, ROUGH, RATHER_SKY] = [0.7, 3, 1.7, 1.3];
const [SUREST, ROUGHEST, TOP] = [3, 2, 12];
const GRAIN = 0.5; // grey levels: roughness that says nothing
// In the same unit: an edge along the line, one above it, and a row the line goes up or down where colours are the same.
const [EDGE, CROSSED, STEP] = [120, 7, 16];
// A line with smaller differences on most of its length is no border: CIELAB units, or a share of the photo's contrast.
const [UNSEEN, UNSEEN_SHARE] = [5, 0.33];
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

/** 1 above the best line, 0 below, in a copy of the photo of at most SIDE pixels a side; all 1 if nobody sees that line. */
export function aboveTheLine(photo, moving) {
  const scale = Math.min(1, SIDE / Math.max(photo.width, photo.height));
  const [width, height] = [photo.width, photo.height].map((length) => Math.max(8, nearest(length * scale)));
  const colours = cielab(byArea(photo, width, height));
  const differ = differences(colours);
  const odds = oddsOf(photo, moving, width, height);
  const score = new Float64Array(width * (height + 1)); // of a line above each row: what is above it is sky
  for (let x = 0; x < width; x++) {
    let [above, crossed, all] = [0, 0, 0];
    for (let y = 0; y < height; y++) all += odds.data[y * width + x];
    for (let y = 0; y <= height; y++) {
      const i = y * width + x;
      const edge = differ[i] / (differ[i] + FAINT);
      score[i] = 2 * above - all + EDGE * edge - CROSSED * crossed;
      crossed += edge;
      if (y < height) above += odds.data[i];
    }
  }
  const line = bestLine(score, passedBy(colours), width, height + 1);
  const along = median(line.map((row, x) => differ[row * width + x]));
  const unseen = along < Math.min(UNSEEN, UNSEEN_SHARE * contrast(colours));
  if (unseen && line.reduce((a, b) => a + b, 0) >= LEAST * height * width) line.fill(height);
  return mapped(odds, (_, i) => (Math.floor(i / width) < line[i % width] ? 1 : 0));
}

function oddsOf(photo, moving, width, height) {
  const mask = bilinear(moving, width, height);
  const rough = roughness(photo, width, height).data.map((x) => Math.log(x + GRAIN));
  const top = median(rough.slice(0, width * Math.max(1, Math.floor(height / TOP))));
  const within = (x, most) => Math.min(Math.max(x, -most), most);
  return mapped(mask, (x, i) => {
    const share = Math.min(Math.max(x, 1e-3), 1 - 1e-3);
    const model = within(Math.log(share / (1 - share)), SUREST);
    const down = (Math.floor(i / width) + 0.5) / height;
    return MODEL * model + PLACE * (0.5 - down) - ROUGH * within(rough[i] - top, ROUGHEST) + RATHER_SKY;
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

function median(values) {
  const sorted = Float64Array.from(values).sort();
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Of colours above and below a line above each row, and below the last: CIELAB units. */
function differences(colours) {
  const { width, height } = colours;
  const { data } = blurred(colours, 3, 1, REFLECT_101);
  const found = new Float32Array(width * (height + 1));
  for (let y = 0; y <= height; y++)
    for (let x = 0; x < width; x++) {
      let squares = 0;
      for (let c = 0; c < 3; c++) {
        const value = (row) => data[(Math.min(Math.max(row, 0), height - 1) * width + x) * 3 + c];
        let difference = 0;
        for (let k = 0; k < NEAR; k++) difference += (value(y + k) - value(y - 1 - k)) / NEAR;
        squares += difference ** 2;
      }
      found[y * width + x] = Math.sqrt(squares);
    }
  return found;
}

/** Standard deviation of the photo's colours, in CIELAB units. */
function contrast({ data }) {
  const [sums, squares] = [[0, 0, 0], [0, 0, 0]];
  data.forEach((x, i) => {
    sums[i % 3] += x;
    squares[i % 3] += x * x;
  });
  const count = data.length / 3;
  return Math.sqrt(sums.reduce((total, sum, c) => total + squares[c] / count - (sum / count) ** 2, 0));
}

/** What a line pays to go down to each row from the top, between a column and the next: less where colours change. */
function passedBy({ data, width, height }) {
  const passed = new Float64Array((width - 1) * (height + 1));
  for (let x = 0; x < width - 1; x++)
    for (let y = 0; y < height; y++) {
      const i = (y * width + x) * 3;
      const differ = Math.hypot(...[0, 1, 2].map((c) => data[i + 3 + c] - data[i + c]));
      passed[(y + 1) * (width - 1) + x] = passed[y * (width - 1) + x] + (STEP * FAINT) / (differ + FAINT);
    }
  return passed;
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
function bestLine(score, passed, width, rows) {
  const cameFrom = [];
  let best = Array.from({ length: rows }, (_, row) => score[row * width]);
  for (let x = 1; x < width; x++) {
    const from = new Uint16Array(rows);
    const next = new Array(rows);
    const cost = Array.from({ length: rows }, (_, row) => passed[row * (width - 1) + x - 1]);
    for (let to = 0; to < rows; to++) {
      let most = -Infinity;
      for (let row = 0; row < rows; row++) {
        const reached = best[row] - Math.abs(cost[to] - cost[row]);
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
