// The fast guided filter, as ssagan_jax/ops/guided.py has it. Planes are Float32Array [height, width].

export const LUMA = [0.2126, 0.7152, 0.0722]; // ITU-R BT.709

/** 8-bit pixels [height, width, channels], red first, as grey in [0, 1]. */
export function luminance(pixels, channels) {
  const grey = new Float32Array(pixels.length / channels);
  for (let i = 0; i < grey.length; i++)
    for (let c = 0; c < 3; c++) grey[i] += (LUMA[c] / 255) * pixels[i * channels + c];
  return grey;
}

/** The mean over windows of 2 radius + 1 pixels a side, cut off at the border. */
export function boxMean(plane, { width, height }, radius) {
  const wide = means(plane, radius, { lines: height, length: width, step: 1, line: width });
  return means(wide, radius, { lines: width, length: height, step: width, line: 1 });
}

function means(plane, radius, { lines, length, step, line }) {
  const made = new Float32Array(plane.length);
  for (let i = 0; i < lines; i++)
    for (let j = 0; j < length; j++) {
      const first = Math.max(0, j - radius);
      const end = Math.min(length, j + radius + 1);
      let sum = 0;
      for (let k = first; k < end; k++) sum += plane[i * line + k * step];
      made[i * line + j * step] = sum / (end - first);
    }
  return made;
}

/**
 * Fits changes to a guide in [0, 1]: returns a function from a change to its {slope, offset}, with
 * change = slope * guide + offset at every pixel.
 */
export function fitter(guide, size, { radius = 2, epsilon = 1e-3 } = {}) {
  const mean = (plane) => boxMean(plane, size, radius);
  const average = mean(guide);
  const squares = mean(guide.map((x) => x * x));
  const variance = squares.map((x, i) => x - average[i] * average[i]);
  return (change) => {
    const both = mean(guide.map((x, i) => x * change[i]));
    const alone = mean(change);
    const slope = mean(both.map((x, i) => (x - average[i] * alone[i]) / (variance[i] + epsilon)));
    return { slope, offset: change.map((x, i) => x - slope[i] * guide[i]) };
  };
}

/** A function (x, y) -> the value of a plane stretched to the size `to`, bilinear. */
export function stretched(plane, from, to) {
  const rows = places(from.height, to.height);
  const columns = places(from.width, to.width);
  return (x, y) => {
    const [top, down] = rows[y];
    const [left, right] = columns[x];
    const below = Math.min(top + 1, from.height - 1) * from.width;
    const beside = Math.min(left + 1, from.width - 1);
    const upper = plane[top * from.width + left] * (1 - right) + plane[top * from.width + beside] * right;
    const lower = plane[below + left] * (1 - right) + plane[below + beside] * right;
    return upper * (1 - down) + lower * down;
  };
}

/** Where each pixel's centre falls: the pixel before, and the share of the one after. */
function places(length, wanted) {
  return Array.from({ length: wanted }, (_, number) => {
    const place = Math.min(Math.max((number + 0.5) * (length / wanted) - 0.5, 0), length - 1);
    return [Math.floor(place), place - Math.floor(place)];
  });
}
