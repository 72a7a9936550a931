// Painting the region that may move: by finger, pen, mouse or keys.

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LONG_SIDE = 768; // pixels of the mask

export class Painter {
  /** canvas: over the photo; ring: shows where the keys paint; settings() gives {width, erase}. */
  constructor(canvas, ring, settings) {
    this.canvas = canvas;
    this.ring = ring;
    this.settings = settings;
    this.pen = canvas.getContext("2d");
    this.strokes = new Map(); // last point of each pointer that is down
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"])
      canvas.addEventListener(end, (event) => this.strokes.delete(event.pointerId));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => document.body.classList.remove("keys"));
  }

  /** A fresh, empty mask for a photo of this shape. */
  reset(width, height) {
    const scale = LONG_SIDE / Math.max(width, height);
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.at = [this.canvas.width / 2, this.canvas.height / 3];
    this.empty = true;
  }

  clear() {
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.empty = true;
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

  #down(event) {
    if (event.button) return;
    this.canvas.setPointerCapture(event.pointerId);
    document.body.classList.remove("keys");
    const point = this.#point(event);
    this.strokes.set(event.pointerId, point);
    this.#line(point, point);
  }

  #move(event) {
    const before = this.strokes.get(event.pointerId);
    if (!before) return;
    const point = this.#point(event);
    this.strokes.set(event.pointerId, point);
    this.#line(before, point);
  }

  #key(event) {
    const towards = KEYS[event.key];
    if (!towards && event.key !== " ") return;
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
    if (!towards || event.shiftKey) this.#line(before, this.at);
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

  #line(from, to) {
    const { erase } = this.settings();
    this.pen.globalCompositeOperation = erase ? "destination-out" : "source-over";
    this.pen.strokeStyle = "#ff2d92";
    this.pen.lineCap = this.pen.lineJoin = "round";
    this.pen.lineWidth = this.#brush();
    this.pen.beginPath();
    this.pen.moveTo(...from);
    this.pen.lineTo(to[0] + 0.01, to[1]); // a line of no length would leave no dot
    this.pen.stroke();
    if (!erase) this.empty = false;
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
