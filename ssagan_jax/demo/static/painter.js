// Painting the region that may move: by finger, pen, mouse or keys.

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LONG_SIDE = 768; // pixels of the mask, unless it is as large as the photo
const COLOUR = [255, 45, 146];
const FEATHER = 0.25; // of the brush: how far its edge fades
const AWAY = 20_000; // pixels: a stroke is drawn beside the canvas, and its soft shadow on it

export class Painter {
  /**
   * canvas: over the photo; ring: shows where the keys paint; settings() gives {width, erase};
   * changed() is called when something was painted.
   */
  constructor(canvas, ring, settings, changed) {
    Object.assign(this, { canvas, ring, settings, changed });
    this.pen = canvas.getContext("2d", { willReadFrequently: true });
    this.stroke = null; // of the pointer that is down: its points, and what was there before
    this.version = 0; // other numbers for other masks
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"])
      canvas.addEventListener(end, (event) => this.#up(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => document.body.classList.remove("keys"));
  }

  /** A fresh, empty mask for a photo of this shape; whole: as large as the photo. */
  reset(width, height, whole) {
    const scale = whole ? 1 : LONG_SIDE / Math.max(width, height);
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.at = [this.canvas.width / 2, this.canvas.height / 3];
    this.#begin(true);
  }

  clear() {
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.#begin(true);
  }

  /** A mask that is there already: a grey picture, white where all moves. */
  load(picture) {
    const { width, height } = this.canvas;
    this.pen.clearRect(0, 0, width, height);
    this.pen.drawImage(picture, 0, 0, width, height);
    const image = this.pen.getImageData(0, 0, width, height);
    for (let i = 0; i < image.data.length; i += 4) image.data.set([...COLOUR, image.data[i]], i);
    this.pen.putImageData(image, 0, 0);
    this.#begin(false);
  }

  /** The mask as a PNG: white where something was painted, black elsewhere. */
  png() {
    const copy = document.createElement("canvas");
    copy.width = this.canvas.width;
    copy.height = this.canvas.height;
    const pen = copy.getContext("2d");
    pen.drawImage(this.canvas, 0, 0);
    pen.globalCompositeOperation = "source-in"; // what is painted turns white
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, copy.width, copy.height);
    pen.globalCompositeOperation = "destination-over";
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, copy.width, copy.height);
    return new Promise((done) => copy.toBlob(done, "image/png"));
  }

  /** The mask as 8-bit numbers: {mask: [height, width], width, height}. */
  numbers() {
    const { width, height } = this.canvas;
    const { data } = this.pen.getImageData(0, 0, width, height);
    return { mask: Uint8ClampedArray.from({ length: width * height }, (_, i) => data[4 * i + 3]), width, height };
  }

  #begin(empty) {
    Object.assign(this, { empty, edited: false, stroke: null, version: this.version + 1 });
  }

  #down(event) {
    if (event.button || this.stroke) return; // a second finger would wipe away what the first one paints
    this.canvas.setPointerCapture(event.pointerId);
    document.body.classList.remove("keys");
    this.stroke = { pointer: event.pointerId, points: [this.#point(event)], before: this.#copy() };
    this.#stroke(this.stroke);
  }

  #move(event) {
    const { stroke } = this;
    if (event.pointerId !== stroke?.pointer) return;
    const known = event.getCoalescedEvents?.() ?? [];
    stroke.points.push(...(known.length ? known : [event]).map((moved) => this.#point(moved)));
    if (stroke.waits) return; // for the next frame: pens and mice move more often than anything is seen
    stroke.waits = true;
    requestAnimationFrame(() => {
      stroke.waits = false;
      if (stroke === this.stroke) this.#stroke(stroke);
    });
  }

  #up(event) {
    const { stroke } = this;
    if (event.pointerId !== stroke?.pointer) return;
    this.stroke = null;
    if (stroke.waits) this.#stroke(stroke);
  }

  #key(event) {
    const towards = KEYS[event.key];
    if ((!towards && event.key !== " ") || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    document.body.classList.add("keys");
    const before = this.at;
    if (towards) {
      const step = this.#brush() / 2;
      this.at = [
        Math.min(this.canvas.width, Math.max(0, before[0] + step * towards[0])),
        Math.min(this.canvas.height, Math.max(0, before[1] + step * towards[1])),
      ];
    }
    if (!towards || event.shiftKey) this.#stroke({ points: [before, this.at], before: this.#copy() });
    this.#showRing();
  }

  #showRing() {
    const { width, height } = this.canvas;
    const shown = (this.#brush() / width) * this.canvas.clientWidth;
    Object.assign(this.ring.style, {
      left: `${(100 * this.at[0]) / width}%`,
      top: `${(100 * this.at[1]) / height}%`,
      width: `${shown}px`,
      height: `${shown}px`,
    });
  }

  #copy() {
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [this.canvas.width, this.canvas.height];
    copy.getContext("2d").drawImage(this.canvas, 0, 0);
    return copy;
  }

  /** Draws a whole stroke over what was there before it: as one line, its soft edge has no scallops. */
  #stroke({ points, before }) {
    const { pen } = this;
    const { erase } = this.settings();
    const feather = FEATHER * this.#brush();
    pen.save();
    pen.globalCompositeOperation = "copy";
    pen.drawImage(before, 0, 0);
    pen.globalCompositeOperation = erase ? "destination-out" : "source-over";
    pen.strokeStyle = pen.shadowColor = `rgb(${COLOUR})`;
    pen.lineCap = pen.lineJoin = "round";
    pen.lineWidth = this.#brush() + (erase ? feather : -feather); // it takes a stroke's soft edge along
    [pen.shadowBlur, pen.shadowOffsetX] = [feather, AWAY];
    pen.beginPath();
    pen.moveTo(points[0][0] - AWAY, points[0][1]);
    // a line of no length would leave no dot
    for (const [x, y] of [...points.slice(1), points.at(-1)]) pen.lineTo(x - AWAY + 0.01, y);
    pen.stroke();
    pen.restore();
    this.edited = true;
    this.version++;
    if (!erase) this.empty = false;
    this.changed();
  }

  #brush() {
    return (this.settings().width / 100) * this.canvas.width;
  }

  #point(event) {
    const box = this.canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * this.canvas.width,
      ((event.clientY - box.top) / box.height) * this.canvas.height,
    ];
  }
}
