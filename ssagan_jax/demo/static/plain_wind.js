// A photo that is blown where there is no WebGL 2: what moves is drawn at the size of the scene's cells, so it is
// soft; it fades without more contrast, and its light stays.

import { Blower, pixelsOf } from "./blower.js";

const STEPS = 16; // of a period, at which paths are known

export class PlainWind extends Blower {
  prepare() {
    const { columns, rows, layer } = this.scene;
    this.layer = pixelsOf(layer, columns, rows);
    this.small = new ImageData(columns, rows);
    [this.cells, this.whole] = [canvasOf(columns, rows), canvasOf(this.canvas.width, this.canvas.height)];
  }

  remask() {}

  /** Paths back from each cell, and ahead of it, at each step of a period. wind: in cells a frame. */
  trace(wind) {
    const { columns, rows } = this.scene;
    const pace = this.longest / STEPS;
    this.paths = [-pace, pace].map((frames) => {
      const found = [new Float32Array(2 * columns * rows)];
      for (let step = 0; step < STEPS; step++) found.push(further(found[step], this, wind, frames));
      return found;
    });
  }

  paint() {
    const { columns, rows } = this.scene;
    const [back, ahead] = this.paths;
    const at = this.share * STEPS;
    const [behind, before] = [part(back, at), part(ahead, STEPS - at)];
    const { data } = this.small;
    const sums = new Float32Array(3);
    for (let i = 0; i < columns * rows; i++) {
      const [x, y] = [i % columns, Math.floor(i / columns)];
      sums.fill(0);
      add(sums, this.layer, this.scene, x + behind(2 * i), y + behind(2 * i + 1), 1 - this.share);
      add(sums, this.layer, this.scene, x + before(2 * i), y + before(2 * i + 1), this.share);
      data.set(sums, 4 * i);
      data[4 * i + 3] = 255;
    }
    this.cells.putImageData(this.small, 0, 0);
    const { width, height } = this.canvas;
    this.whole.globalCompositeOperation = "copy";
    this.whole.drawImage(this.cells.canvas, 0, 0, width, height);
    this.whole.globalCompositeOperation = "destination-in";
    this.whole.drawImage(this.mask, 0, 0);
    const pen = this.canvas.getContext("2d");
    pen.drawImage(this.scene.photo, 0, 0);
    pen.drawImage(this.whole.canvas, 0, 0);
  }
}

/** Paths a step longer. wind: in cells a frame; frames: how long the step is. */
function further(shift, { scene: { columns, rows }, motion }, wind, frames) {
  const next = new Float32Array(shift.length);
  for (let i = 0; i < columns * rows; i++) {
    const [right, down] = [shift[2 * i], shift[2 * i + 1]];
    const x = Math.min(Math.max(Math.round((i % columns) + right), 0), columns - 1);
    const y = Math.min(Math.max(Math.round(Math.floor(i / columns) + down), 0), rows - 1);
    const cell = 3 * (y * columns + x);
    const m = motion[cell];
    next[2 * i] = right + frames * (m * wind[0] + motion[cell + 1]);
    next[2 * i + 1] = down + frames * (m * wind[1] + motion[cell + 2]);
  }
  return next;
}

/** Adds a share of a layer, bilinear at a place (x, y) and mirrored at its borders, to three sums. */
function add(sums, layer, { columns, rows }, x, y, share) {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  for (let corner = 0; corner < 4; corner++) {
    const [right, below] = [corner & 1, corner >> 1];
    const weight = share * (right ? x - left : 1 - x + left) * (below ? y - top : 1 - y + top);
    const from = 4 * (mirrored(top + below, rows) * columns + mirrored(left + right, columns));
    for (let c = 0; c < 3; c++) sums[c] += weight * layer[from + c];
  }
}

/** A path between two of its steps, as a function of the place in it. */
function part(path, at) {
  const before = Math.min(Math.floor(at), STEPS - 1);
  const [one, two, share] = [path[before], path[before + 1], at - before];
  return (i) => one[i] + share * (two[i] - one[i]);
}

function mirrored(at, length) {
  const inside = at < 0 ? -1 - at : at;
  return Math.max(0, inside < length ? inside : 2 * length - 1 - inside);
}

function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  return canvas.getContext("2d");
}
