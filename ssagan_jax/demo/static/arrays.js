// Pictures and fields as numbers, {data, width, height, channels}, and what is done with them as OpenCV does it.

export const REFLECT = (at, length) => bounded(at < 0 ? -1 - at : at < length ? at : 2 * length - 1 - at, length);
export const REFLECT_101 = (at, length) => bounded(at < 0 ? -at : at < length ? at : 2 * length - 2 - at, length);
export const REPLICATE = (at, length) => bounded(at, length);

const bounded = (at, length) => Math.min(Math.max(at, 0), length - 1); // small pictures are not mirrored twice

/** A field of zeros, or of data. */
export const field = (width, height, channels, data = new Float32Array(width * height * channels)) => ({
  data, width, height, channels,
});

/** One more field of the same shape: made(value, index) of each value. */
export function mapped(image, made) {
  const { data } = image;
  const values = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) values[i] = made(data[i], i);
  return { ...image, data: values };
}

/** Some channels of one of more. */
export function picked(image, channels) {
  const { data, width, height } = image;
  const made = field(width, height, channels.length);
  for (let i = 0, o = 0; i < data.length; i += image.channels)
    for (const channel of channels) made.data[o++] = data[i + channel];
  return made;
}

/** Fields of one size, channel after channel. */
export function stacked(...fields) {
  const { width, height } = fields[0];
  const made = field(width, height, fields.reduce((sum, { channels }) => sum + channels, 0));
  for (let i = 0, o = 0; i < width * height; i++)
    for (const { data, channels } of fields)
      for (let c = 0; c < channels; c++) made.data[o++] = data[i * channels + c];
  return made;
}

/** A field times another of one channel. */
export function weighted({ data, width, height, channels }, weight) {
  const made = field(width, height, channels);
  for (let i = 0; i < data.length; i++) made.data[i] = data[i] * weight.data[Math.floor(i / channels)];
  return made;
}

/** At another size: each pixel the mean of what it covers. */
export const byArea = (image, width, height) =>
  resized(image, width, height, (from, to) => {
    const scale = from / to;
    return Array.from({ length: to }, (_, i) => {
      const [low, high] = [i * scale, Math.min(from, (i + 1) * scale)];
      const first = Math.floor(low + 1e-9);
      const taken = Math.max(1, Math.ceil(high - 1e-9) - first);
      const covered = (at) => Math.min(high, at + 1) - Math.max(low, at);
      const shares = Array.from({ length: taken }, (_, k) => Math.max(0, covered(first + k)) / (high - low));
      return { first, shares };
    });
  });

/** At another size: bilinear between pixels' centres. */
export const bilinear = (image, width, height) =>
  resized(image, width, height, (from, to) =>
    Array.from({ length: to }, (_, i) => {
      const place = bounded((i + 0.5) * (from / to) - 0.5, from);
      const first = Math.min(Math.floor(place), Math.max(0, from - 2));
      return { first, shares: from > 1 ? [1 - place + first, place - first] : [1] };
    }),
  );

function resized(image, width, height, sharesOf) {
  const { channels } = image;
  const wide = along(image.data, sharesOf(image.width, width), image.width, image.height, channels);
  return field(width, height, channels, along(wide, sharesOf(image.height, height), image.height, 1, width * channels));
}

/** The middle axis of [outer, length, inner] made anew from shares of what it was. */
function along(data, taken, length, outer, inner) {
  const made = new Float32Array(outer * taken.length * inner);
  for (let i = 0, o = 0; i < outer; i++)
    for (const { first, shares } of taken) {
      for (let k = 0; k < shares.length; k++) {
        const [start, share] = [(i * length + first + k) * inner, shares[k]];
        for (let j = 0; j < inner; j++) made[o + j] += share * data[start + j];
      }
      o += inner;
    }
  return made;
}

/** Means over windows of `across` x `down` pixels, as cv2.blur. */
export function blurred(image, across, down, border) {
  const { width, height, channels } = image;
  const wide = sums(image.data, across, border, { lines: height, line: width * channels, length: width, step: channels, channels });
  const both = sums(wide, down, border, { lines: width, line: channels, length: height, step: width * channels, channels });
  return field(width, height, channels, both.map((x) => x / (across * down)));
}

function sums(data, window, border, { lines, line, length, step, channels }) {
  const made = new Float32Array(data.length);
  const before = Math.floor(window / 2);
  const places = placesOf(length, before, window, border, step);
  for (let i = 0; i < lines; i++)
    for (let c = 0; c < channels; c++) {
      const start = i * line + c;
      let sum = 0;
      for (let j = 0; j < window; j++) sum += data[start + places[j]];
      for (let j = 0; j < length; j++) {
        made[start + j * step] = sum;
        sum += data[start + places[j + window]] - data[start + places[j]];
      }
    }
  return made;
}

/** Where the values of all windows along a line are, in its array: from `before` its first one on. */
function placesOf(length, before, window, border, step) {
  return Int32Array.from({ length: length + window }, (_, j) => border(j - before, length) * step);
}

/** Means over Gaussian windows of a standard deviation, as cv2.GaussianBlur. */
export function gaussian(image, deviation) {
  const { width, height, channels } = image;
  const reach = Math.round(deviation * 8 + 1) >> 1;
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)));
  const sum = kernel.reduce((a, b) => a + b, 0);
  const shares = Float64Array.from(kernel, (x) => x / sum);
  const wide = filtered(image.data, shares, { length: width, outer: height, inner: channels });
  return field(width, height, channels, filtered(wide, shares, { length: height, outer: 1, inner: width * channels }));
}

/** The middle axis of [outer, length, inner] filtered by an odd number of shares, mirrored as REFLECT_101. */
function filtered(data, shares, { length, outer, inner }) {
  const made = new Float32Array(data.length);
  const places = placesOf(length, shares.length >> 1, shares.length, REFLECT_101, inner);
  for (let i = 0; i < outer; i++) {
    const line = i * length * inner;
    for (let k = 0; k < shares.length; k++) {
      const share = shares[k];
      for (let j = 0, to = line; j < length; j++)
        for (let c = 0, from = line + places[j + k]; c < inner; c++) made[to++] += share * data[from++];
    }
  }
  return made;
}

/** A function (x, y, sums) that adds up an image at a place, bilinear and mirrored at its borders, in `sums`. */
export function lookup({ data, width, height, channels }) {
  return (x, y, sums) => {
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [right, down] = [x - left, y - top];
    const [upper, lower] = [REFLECT(top, height) * width, REFLECT(top + 1, height) * width];
    const [here, beside] = [REFLECT(left, width), REFLECT(left + 1, width)];
    const [a, b, c, d] = [(upper + here) * channels, (upper + beside) * channels, (lower + here) * channels, (lower + beside) * channels];
    for (let k = 0; k < channels; k++) {
      const above = data[a + k] + right * (data[b + k] - data[a + k]);
      const below = data[c + k] + right * (data[d + k] - data[c + k]);
      sums[k] = above + down * (below - above);
    }
  };
}

/** An image at places (x, y): a field of two channels. */
export function lookedUp(image, { data, width, height }) {
  const [look, sums] = [lookup(image), new Float32Array(image.channels)];
  const made = field(width, height, image.channels);
  for (let i = 0; i < width * height; i++) {
    look(data[2 * i], data[2 * i + 1], sums);
    made.data.set(sums, i * image.channels);
  }
  return made;
}

/** Each window's largest number (sign: 1), or its smallest (-1); what is outside does not count. */
export function extreme({ data, width, height }, window, sign) {
  const wide = extremes(data, window, sign, { lines: height, line: width, length: width, step: 1 });
  return field(width, height, 1, extremes(wide, window, sign, { lines: width, line: 1, length: height, step: width }));
}

function extremes(data, window, sign, { lines, line, length, step }) {
  const made = new Float32Array(data.length);
  const before = Math.floor(window / 2);
  const whole = Math.ceil((length + window) / window) * window;
  const taken = new Float32Array(whole).fill(-Infinity);
  const [ahead, back] = [new Float32Array(whole), new Float32Array(whole)]; // within blocks as long as the window
  for (let i = 0; i < lines; i++) {
    for (let j = 0; j < length; j++) taken[j + before] = sign * data[i * line + j * step];
    for (let first = 0; first < whole; first += window) {
      let most = -Infinity;
      for (let j = first; j < first + window; j++) ahead[j] = most = taken[j] > most ? taken[j] : most;
      most = -Infinity;
      for (let j = first + window - 1; j >= first; j--) back[j] = most = taken[j] > most ? taken[j] : most;
    }
    for (let j = 0; j < length; j++) {
      const [a, b] = [back[j], ahead[j + window - 1]];
      made[i * line + j * step] = sign * (a > b ? a : b);
    }
  }
  return made;
}
