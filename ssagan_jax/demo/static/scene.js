// What the server says of a photo, so that it can be blown here: ssagan_jax/demo/scenes.py writes it.

export const DECODED = { premultiplyAlpha: "none", colorSpaceConversion: "none" };

/** fetched(name): the response for one of its files; photo: the blob that was sent. */
export async function open(fetched, photo) {
  const names = ["scene.json", "layer.png", "alpha.png", "motion.bin"];
  const [told, layer, alpha, motion] = await Promise.all(names.map(fetched));
  const scene = await told.json();
  const numbers = new Uint16Array(await motion.arrayBuffer());
  const cells = 3 * scene.rows * scene.columns;
  const lit = 5 * scene.rows * scene.columns; // where the light begins
  const pictures = [photo, await layer.blob(), await alpha.blob()];
  const [own, moving, mask] = await Promise.all(pictures.map((blob) => createImageBitmap(blob, DECODED)));
  return {
    ...scene,
    photo: own,
    layer: moving,
    alpha: mask,
    motion: Float32Array.from(numbers.subarray(0, cells), half),
    radial: Float32Array.from(numbers.subarray(cells, lit), half),
    light: Float32Array.from(numbers.subarray(lit), half),
  };
}

/** A half-float's bits as a number. */
function half(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction / 2 ** 24;
  return bits >> 15 ? -size : size;
}
