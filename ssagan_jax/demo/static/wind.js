// A photo that is blown as it is looked at, by the graphics processor: see wind_shaders.js.

import { Blower } from "./blower.js";
import { Passes } from "./gl.js";
import { lightAt } from "./schedule.js";
import { BLOCK, LEVELS, SOURCES, blocks } from "./wind_shaders.js";

const LESS = 0.75; // of the canvas's sides, when it is too slow
const LEAST_SIDE = 500; // pixels
const KEPT = { alpha: false, antialias: false, preserveDrawingBuffer: true };
const FIRST_STEP = 0.25; // cells: the longest of the shortest flow

export class Wind extends Blower {
  show(scene) {
    if (!this.scene) {
      this.canvas.addEventListener("webglcontextlost", (event) => event.preventDefault()); // it may come back
      this.canvas.addEventListener("webglcontextrestored", () => {
        this.passes = null;
        if (!this.closed) this.show(this.scene);
      });
    }
    super.show(scene);
  }

  remask() {
    const { gl, mask, textures, scene } = this;
    if (gl.isContextLost()) return;
    this.box = boxOf(this.moving, scene);
    this.complete = false;
    gl.bindTexture(gl.TEXTURE_2D, textures.mask);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, mask);
    const { photo, layer } = textures;
    this.passes.run("BASE", this.base, { photo, layer, mask: textures.mask });
  }

  paint() {
    const { passes, share, scene } = this;
    if (this.gl.isContextLost()) return;
    const { cells, light, doubled } = this.textures;
    const [shift, one, two] = this.places;
    const [lowOne, lowTwo] = this.lows;
    const steps = 2 ** this.levels;
    const flows = Object.fromEntries(this.flows.map((flow, i) => [`flow${i}`, flow[0]]));
    const taken = [share * steps, (1 - share) * steps].map((x) => Math.min(x, steps - 1e-3));
    passes.run("PLACE", this.places, { cells, ...flows, steps: taken });
    if (share) this.#compare();
    const covered = [scene.width, scene.height].map((length) => length / scene.step / BLOCK);
    const time = lightAt(this.light, scene.frames);
    passes.run("FADE", this.fade, { lowOne, lowTwo, deviation: this.spreads[0], light, covered, share, time });
    passes.run("REST", this.rest, { one, two, shift, fade: this.fade[0], share });
    const shown = [this.canvas.width, this.canvas.height];
    const values = { base: this.base[0], doubled, shift, rest: this.rest[0], pixels: scene.step, share, shown };
    passes.run("PAINT", null, values, this.complete ? this.box : null); // what does not move is there already
    this.complete = true;
  }

  /** The flows of the wind, in cells a frame; farthest: cells, of any path. */
  trace(wind, farthest) {
    const { passes, flows } = this;
    if (this.gl.isContextLost()) return;
    const needed = Math.ceil(Math.log2(Math.max(farthest / FIRST_STEP, 1)));
    this.levels = Math.min(LEVELS, Math.max(1, needed));
    const { motion } = this.textures;
    this.passes.fill(motion, this.kinds.three, this.motion);
    passes.run("STEP", flows[0], { motion, wind, frames: this.longest / 2 ** this.levels });
    for (let i = 1; i < this.levels; i++) passes.run("TWICE", flows[i], { once: flows[i - 1][0] });
  }

  /** A smaller canvas, for a machine that is too slow for this one. */
  coarser() {
    const { width, height } = this.canvas;
    if (Math.max(width, height) * LESS < LEAST_SIDE) return;
    this.#resize(Math.round(width * LESS), Math.round(height * LESS));
  }

  /** As many pixels as the photo has. */
  finest() {
    this.#resize(this.scene.width, this.scene.height);
  }

  /** Frees the graphics memory. */
  close() {
    super.close();
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  prepare() {
    const gl = (this.gl = this.canvas.getContext("webgl2", KEPT));
    if (!gl) throw new Error("there is none");
    if (gl.isContextLost()) return; // all of it is made anew when the context comes back
    this.passes ??= new Passes(gl, SOURCES);
    this.passes.free();
    const kinds = (this.kinds = kindsOf(gl));
    this.textures = texturesOf(this.passes, kinds, this.scene, this.mask);
    Object.assign(this, targetsOf(this.passes, kinds, this.scene));
    const { layer, cells, doubled } = this.textures;
    const wide = this.passes.texture(kinds.bytes, [doubled.size[0], this.scene.height]);
    this.passes.run("DOUBLE", [wide], { image: layer, along: [1, 0] });
    this.passes.run("DOUBLE", [doubled], { image: wide, along: [0, 1] });
    gl.deleteTexture(wide);
    this.passes.run("CELLS", [cells], { image: layer, pixels: this.scene.step });
  }

  /** It is empty then. */
  #resize(width, height) {
    [this.canvas.width, this.canvas.height] = [width, height];
    this.complete = false;
  }

  /** What the fade needs: low-passes of both, and how much they and their mean deviate. */
  #compare() {
    const { passes, share } = this;
    const [, one, two] = this.places;
    const [lowOne, lowTwo] = this.lows;
    const low = ([a, b], to) => {
      passes.run("LOW", this.wide, { one: a, two: b, along: [1, 0] });
      passes.run("LOW", to, { one: this.wide[0], two: this.wide[1], along: [0, 1] });
    };
    passes.run("REDUCE", this.means, { one, two });
    low(this.means, this.lows);
    passes.run("DEVIATE", this.deviations, { one, two, lowOne, lowTwo, share });
    low(this.deviations, this.spreads);
  }
}

/** Where anything moves: [left, bottom, width, height], shares of the picture; share: of each cell, how much. */
function boxOf(share, { columns, rows, width, height, step }) {
  let [left, top, right, bottom] = [columns, rows, 0, 0];
  share.forEach((moving, i) => {
    if (!moving) return;
    const [x, y] = [i % columns, Math.floor(i / columns)];
    [left, right] = [Math.min(left, x - 1), Math.max(right, x + 2)];
    [top, bottom] = [Math.min(top, y - 1), Math.max(bottom, y + 2)];
  });
  const within = (x) => Math.min(1, Math.max(0, x));
  const [across, down] = [step / width, step / height];
  const [low, high] = [within(1 - bottom * down), within(1 - top * down)];
  return [within(left * across), low, within(right * across) - within(left * across), high - low];
}

/** Internal format, format and type of what textures hold. */
function kindsOf(gl) {
  const exact = gl.getExtension("EXT_color_buffer_float");
  if (!exact && !gl.getExtension("EXT_color_buffer_half_float")) throw new Error("no float targets");
  const halves = [gl.RGBA16F, gl.RGBA, gl.HALF_FLOAT];
  return {
    bytes: [gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE],
    three: [gl.RGB16F, gl.RGB, gl.FLOAT],
    halves,
    floats: exact && gl.getExtension("OES_texture_float_linear") ? [gl.RGBA32F, gl.RGBA, gl.FLOAT] : halves,
  };
}

/** What frames are made from. */
function texturesOf(passes, { bytes, three, halves }, scene, mask) {
  const { width, height, columns, rows, side, frames } = scene;
  const picture = (pixels) => passes.texture(bytes, [width, height], {}, pixels);
  return {
    photo: picture(scene.photo),
    layer: picture(scene.layer),
    mask: picture(mask),
    motion: passes.texture(three, [columns, rows]),
    light: passes.texture(three, [side, side, frames], { linear: true }, scene.light),
    cells: passes.texture(halves, [columns, rows], { linear: true, mirrored: true }),
    doubled: passes.texture(bytes, [2 * width + 1, 2 * height + 1], { linear: true }),
  };
}

/**
 * What passes draw into: lists of textures that are drawn at once. Graphics in software read floats faster than
 * halves, which tells in what every pixel reads.
 */
function targetsOf(passes, { halves, floats }, { width, height, columns, rows }) {
  const cells = [columns, rows];
  const linear = { linear: true };
  const block = (how) => passes.texture(halves, blocks(cells), how);
  const pair = () => [0, 1].map(() => block({ linear: true, mirrored: true }));
  return {
    base: [passes.texture(floats, [width, height], linear)],
    flows: Array.from({ length: LEVELS }, () => [passes.texture(floats, cells, linear)]),
    places: [passes.texture(floats, cells, linear), ...[0, 1].map(() => passes.texture(halves, cells))],
    rest: [passes.texture(floats, cells, linear)],
    means: pair(),
    wide: pair(),
    lows: pair(),
    deviations: pair(),
    spreads: pair(),
    fade: [block(linear)],
  };
}
