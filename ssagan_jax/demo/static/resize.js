// Pictures at another size, as Pillow makes them: the model shall see what it sees on the server.

const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

// Kernels: how far each reaches, and its values.
export const LANCZOS = { reach: 3, at: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) };
export const BILINEAR = { reach: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) };

/**
 * 8-bit pixels, [from.height, from.width, channels], at the size `to`; antialiased going down.
 */
export function resized(pixels, from, to, channels, kernel) {
  const wide = along(pixels, kernel, {
    outer: from.height, length: from.width, wanted: to.width, inner: channels,
  });
  return along(wide, kernel, {
    outer: 1, length: from.height, wanted: to.height, inner: to.width * channels,
  });
}

/** The middle axis of [outer, length, inner] becomes `wanted` long. */
function along(pixels, kernel, { outer, length, wanted, inner }) {
  if (length === wanted) return pixels;
  const made = new Uint8ClampedArray(outer * wanted * inner); // rounds, and cuts off at 0 and 255
  const shares = weights(length, wanted, kernel);
  const sums = new Float64Array(inner);
  for (let i = 0; i < outer; i++)
    for (let j = 0; j < wanted; j++) {
      sums.fill(0);
      shares[j].values.forEach((share, number) => {
        const start = (i * length + shares[j].first + number) * inner;
        for (let k = 0; k < inner; k++) sums[k] += share * pixels[start + k];
      });
      made.set(sums, (i * wanted + j) * inner);
    }
  return made;
}

/** For each pixel wanted: the first of those that it is made of, and their shares. */
function weights(length, wanted, { reach, at }) {
  const step = length / wanted;
  const scale = Math.max(1, step);
  return Array.from({ length: wanted }, (_, number) => {
    const centre = (number + 0.5) * step;
    const first = Math.max(0, Math.floor(centre - reach * scale + 0.5));
    const end = Math.min(length, Math.floor(centre + reach * scale + 0.5));
    const values = [];
    for (let i = first; i < end; i++) values.push(at((i - centre + 0.5) / scale));
    const sum = values.reduce((a, b) => a + b, 0);
    return { first, values: values.map((value) => value / sum) };
  });
}
