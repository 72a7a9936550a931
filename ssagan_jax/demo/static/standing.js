// Thin things before the sky that are less blue, as ssagan_jax/animation/warping/standing.py finds them. Its straight
// lines of any colour, and the small things of objects.py, are not looked for here.

import { REPLICATE, extreme, field, mapped } from "./arrays.js";
import { nearest } from "./motion.js";

const WIDEST = 0.02; // of the long side
const UNSURE = [0.2, 0.35]; // of the blue of the sky around: what is missing of it
const GAP = 5; // pixels: what is nearer than that hangs together
const DARK = 24; // grey levels: of these a share says little
// Of nine numbers, pairs to put in order, one after the other: then the fifth is the middle one.
const ORDERED = "12 45 78 01 34 67 12 45 78 03 58 47 36 14 25 47 42 64 42".split(" ").map((pair) => [...pair].map(Number));

/** What moves (0 to 255), without thin things before it that stand; photo: of three channels. */
export function withoutThin(photo, alpha) {
  const missing = missingBlue(photo).data;
  const sure = mapped(alpha, (_, i) => (missing[i] >= UNSURE[1] ? 1 : 0));
  const standing = mapped(alpha, (x, i) => (sure.data[i] || x < 128 ? 1 : 0));
  const held = hangsTogether(extreme(standing, GAP, 1).data, alpha);
  const near = extreme(mapped(sure, (x, i) => x * held[i]), 5, 1).data;
  return mapped(alpha, (x, i) => {
    if (!near[i]) return x;
    const share = Math.min(Math.max((missing[i] - UNSURE[0]) / (UNSURE[1] - UNSURE[0]), 0), 1);
    return Math.min(x, Math.round(255 * (1 - share)));
  });
}

/** How much less blue than around: a share of what is there. */
function missingBlue(photo) {
  const blue = median(photo, 2);
  const width = Math.max(3, nearest(WIDEST * Math.max(photo.width, photo.height)));
  const around = extreme(extreme(blue, width, 1), width, -1);
  return mapped(around, (x, i) => (x - blue.data[i]) / (x + DARK));
}

/** Of 3 x 3 pixels of one channel the middle value. */
function median({ data, width, height, channels }, channel) {
  const made = field(width, height, 1);
  const nine = new Float32Array(9);
  for (let y = 0, o = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      for (let k = 0; k < 9; k++) {
        const row = REPLICATE(y + Math.floor(k / 3) - 1, height);
        nine[k] = data[(row * width + REPLICATE(x + (k % 3) - 1, width)) * channels + channel];
      }
      for (const [a, b] of ORDERED) if (nine[a] > nine[b]) [nine[a], nine[b]] = [nine[b], nine[a]];
      made.data[o++] = nine[4];
    }
  return made;
}

/** What of the standing pixels is connected, by sides or corners, with what surely stands, or with the border. */
function hangsTogether(standing, { data, width, height }) {
  const held = new Uint8Array(data.length);
  const open = [];
  const visit = (x, y) => {
    const i = y * width + x;
    if (x < 0 || y < 0 || x >= width || y >= height || held[i] || !standing[i]) return;
    held[i] = 1;
    open.push(i);
  };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1 || data[y * width + x] < 128) visit(x, y);
  while (open.length) {
    const i = open.pop();
    const [x, y] = [i % width, Math.floor(i / width)];
    for (let k = 0; k < 9; k++) visit(x + (k % 3) - 1, y + Math.floor(k / 3) - 1);
  }
  return held;
}
