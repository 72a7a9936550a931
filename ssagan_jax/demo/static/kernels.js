// Kernels of filters, as lists of shares.

/** A sinc in a Kaiser window of `beta`, at the halves between pixels, so many to each side. */
export function kaiser(taps, beta) {
  const values = Array.from({ length: 2 * taps }, (_, i) => {
    const x = i - taps + 0.5;
    return (Math.sin(Math.PI * x) / (Math.PI * x)) * bessel(beta * Math.sqrt(1 - (x / taps) ** 2));
  });
  const sum = values.reduce((a, b) => a + b);
  return values.map((value) => value / sum);
}

/** The modified Bessel function of the first kind, of order 0. */
function bessel(x) {
  let [sum, term] = [1, 1];
  for (let k = 1; k < 40; k++) sum += term *= (x / 2 / k) ** 2;
  return sum;
}

/** Two box means of a width, one after the other. */
export function twoBoxes(width) {
  const reach = Math.ceil((width - 1) / 2);
  const box = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.min(1, Math.max(0, width / 2 + 0.5 - Math.abs(i - reach))) / width,
  );
  const both = new Array(4 * reach + 1).fill(0);
  box.forEach((a, i) => box.forEach((b, j) => (both[i + j] += a * b)));
  return both;
}
