// What moves, at the photo's own outlines, as ssagan_jax/animation/warping/outlines.py has it.

import { REFLECT, blurred, field, mapped } from "./arrays.js";

const UNSURE = [0.25, 0.75]; // of the fitted mask: below nothing moves, above all does
const EPSILON = 1e-4; // contrast squared, colours in [0, 1], below which a window is taken as flat
const RADIUS = 6; // cells to each side of a window
const PASSES = 2;
const PAIRS = [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 2]]; // of colours
const TERMS = 13; // colours, the mask, colours times it, products of colours

/** The mask (of any size, 0 to 1) at the size and outlines of a photo of three channels: 0 to 255. */
export function atOutlines(photo, mask, grid) {
  const guide = mapped(grid.reduced(photo), (x) => x / 255);
  let found = grid.sampled(mask);
  let planes;
  for (let pass = 0; pass < PASSES; pass++) {
    planes = fit(guide, found);
    found = applied(planes, guide, 1);
  }
  return mapped(applied(grid.enlarged(planes), photo, 255), (x) => Math.round(255 * x));
}

function applied(planes, colours, white) {
  const made = field(planes.width, planes.height, 1);
  for (let i = 0; i < made.data.length; i++) {
    let share = planes.data[4 * i + 3];
    for (let c = 0; c < 3; c++) share += (planes.data[4 * i + c] * colours.data[3 * i + c]) / white;
    made.data[i] = Math.min(Math.max((share - UNSURE[0]) / (UNSURE[1] - UNSURE[0]), 0), 1);
  }
  return made;
}

/** Three slopes and an offset for each cell, means over all windows that hold it. */
function fit(guide, mask) {
  const { width, height } = guide;
  const terms = field(width, height, TERMS);
  for (let i = 0, o = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) terms.data[o++] = guide.data[3 * i + c];
    terms.data[o++] = mask.data[i];
    for (let c = 0; c < 3; c++) terms.data[o++] = guide.data[3 * i + c] * mask.data[i];
    for (const [a, b] of PAIRS) terms.data[o++] = guide.data[3 * i + a] * guide.data[3 * i + b];
  }
  const means = box(terms).data;
  const planes = field(width, height, 4);
  const [spread, together] = [new Float64Array(6), new Float64Array(3)];
  for (let i = 0; i < width * height; i++) {
    const [at, to] = [TERMS * i, 4 * i];
    for (let c = 0; c < 3; c++) together[c] = means[at + 4 + c] - means[at + c] * means[at + 3];
    for (let k = 0; k < 6; k++) {
      const [a, b] = PAIRS[k];
      spread[k] = means[at + 7 + k] - means[at + a] * means[at + b] + (a === b ? EPSILON : 0);
    }
    solve(spread, together, planes.data, to);
    let offset = means[at + 3];
    for (let c = 0; c < 3; c++) offset -= planes.data[to + c] * means[at + c];
    planes.data[to + 3] = offset;
  }
  return box(planes);
}

const box = (values) => blurred(values, 2 * RADIUS + 1, 2 * RADIUS + 1, REFLECT);

/** Puts the x of m x = y at a place; m: the upper half of a symmetric 3 x 3 matrix, row by row. */
function solve(m, y, into, at) {
  const [aa, bb, cc] = [m[3] * m[5] - m[4] * m[4], m[2] * m[4] - m[1] * m[5], m[1] * m[4] - m[2] * m[3]];
  const [dd, ee, ff] = [m[0] * m[5] - m[2] * m[2], m[1] * m[2] - m[0] * m[4], m[0] * m[3] - m[1] * m[1]];
  const determinant = m[0] * aa + m[1] * bb + m[2] * cc;
  into[at] = (aa * y[0] + bb * y[1] + cc * y[2]) / determinant;
  into[at + 1] = (bb * y[0] + dd * y[1] + ee * y[2]) / determinant;
  into[at + 2] = (cc * y[0] + ee * y[1] + ff * y[2]) / determinant;
}
