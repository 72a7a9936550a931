// Values where there are none, as ssagan_jax/animation/warping/filling.py has it.

import { bilinear, byArea, field, gaussian, mapped, weighted } from "./arrays.js";

const LEAST = 1e-6; // weight: below it there is no value

/** Values where their weight is 1; elsewhere, as far as it is less, those of coarser levels. */
export function spread(values, weight) {
  const { width, height, channels } = values;
  if (weight.data.every((x) => x < LEAST)) return field(width, height, channels);
  if (Math.max(width, height) <= 2) return flat(values, weight);
  const half = (image) => byArea(image, Math.ceil(width / 2), Math.ceil(height / 2));
  const share = half(weight);
  const means = divided(half(weighted(values, weight)), share);
  const behind = bilinear(spread(means, mapped(share, (x) => Math.min(1, 2 * x))), width, height);
  return mapped(behind, (x, i) => {
    const w = weight.data[Math.floor(i / channels)];
    return w * values.data[i] + (1 - w) * x;
  });
}

/** Weighted means over Gaussian windows, spread to where windows hold no weight. */
export function smoothed(values, weight, radius) {
  const share = gaussian(weight, radius);
  const means = divided(gaussian(weighted(values, weight), radius), share);
  return spread(means, mapped(share, (x) => Math.min(Math.max(4 * x, 0), 1)));
}

/** For each pixel outside (inside: 1 or 0), the one on the other side of the nearest edge: (x, y). */
export function mirrored(inside) {
  const { width, height } = inside;
  const made = field(width, height, 2);
  const [rows, distances] = columnwise(inside);
  for (let y = 0; y < height; y++) {
    const found = nearestOf(distances.subarray(y * width, (y + 1) * width));
    for (let x = 0; x < width; x++) {
      const from = found[x];
      const [column, row] = from < 0 ? [x, y] : [from, rows[y * width + from]];
      made.data.set([2 * column - x, 2 * row - y], 2 * (y * width + x));
    }
  }
  return made;
}

/** Of each pixel the nearest row that is inside in its column, and the square of the distance. */
function columnwise({ data, width, height }) {
  const rows = new Float32Array(width * height);
  const distances = new Float32Array(width * height).fill(Infinity);
  for (let x = 0; x < width; x++)
    for (const [first, end, step] of [[0, height, 1], [height - 1, -1, -1]]) {
      let last = -Infinity;
      for (let y = first; y !== end; y += step) {
        const i = y * width + x;
        if (data[i] >= 0.5) last = y;
        if ((y - last) ** 2 < distances[i]) [rows[i], distances[i]] = [last, (y - last) ** 2];
      }
    }
  return [rows, distances];
}

/** Of each x the x' for which (x - x')^2 + distances[x'] is least; -1: there is none. The lower envelope of parabolas. */
function nearestOf(distances) {
  const [lowest, begins] = [[], []];
  const meet = (a, b) => (distances[b] + b * b - distances[a] - a * a) / (2 * (b - a));
  for (let x = 0; x < distances.length; x++) {
    if (distances[x] === Infinity) continue;
    while (lowest.length && meet(lowest.at(-1), x) <= begins.at(-1)) (lowest.pop(), begins.pop());
    begins.push(lowest.length ? meet(lowest.at(-1), x) : -Infinity);
    lowest.push(x);
  }
  let at = 0;
  return Array.from(distances, (_, x) => {
    while (at + 1 < lowest.length && begins[at + 1] < x) at++;
    return lowest[at] ?? -1;
  });
}

function divided(sums, share) {
  return mapped(sums, (x, i) => x / Math.max(share.data[Math.floor(i / sums.channels)], LEAST));
}

function flat(values, weight) {
  const { channels } = values;
  const total = weight.data.reduce((a, b) => a + b, 0);
  const sums = new Float64Array(channels);
  values.data.forEach((x, i) => (sums[i % channels] += x * weight.data[Math.floor(i / channels)]));
  return mapped(values, (_, i) => sums[i % channels] / total);
}
