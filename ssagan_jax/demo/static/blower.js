// What plays a photo that is blown, like a video element: play(), pause(), paused, events "play" and "pause".

import { half } from "./scene.js";
import { FPS, paceOf, periodOf } from "./schedule.js";

const LATE = 250; // milliseconds: longer pauses between frames do not count
const SLOW = 50; // milliseconds a frame, on average: more is too slow
const WATCHED = 30; // frames

export class Blower extends EventTarget {
  /**
   * canvas: a fresh one; scene: of scene.js; mask: a canvas of the photo's size whose opacity says what
   * moves; wind: (right, down), shares of the picture per frame; speed: a factor.
   */
  constructor(canvas, scene, mask, { wind, speed }) {
    super();
    Object.assign(this, { canvas, mask, wind, speed, paused: true, share: 0, light: 0, drawn: 0 });
    [canvas.width, canvas.height] = [scene.width, scene.height];
    this.show(scene);
  }

  /** Another scene of the same photo. */
  show(scene) {
    this.scene = scene;
    this.numbers = Float32Array.from(scene.motion, half);
    this.prepare();
    this.masked();
  }

  /** The mask's canvas has changed. */
  masked() {
    const { columns, rows } = this.scene;
    const opacity = pixelsOf(this.mask, columns, rows);
    this.moving = Float32Array.from({ length: columns * rows }, (_, i) => opacity[4 * i + 3] / 255);
    this.remask();
    this.blow({});
  }

  /** The wind, (right, down), and the speed: they take effect at once. */
  blow({ wind = this.wind, speed = this.speed }) {
    Object.assign(this, { wind, speed, turned: true });
    if (this.paused) this.draw();
  }

  /** Paints the moment at which it is: `share` of a period, and the time of the light. */
  draw() {
    if (this.turned) this.#turn();
    this.paint();
    this.drawn++;
  }

  async play() {
    if (!this.paused || this.closed) return;
    this.paused = false;
    this.dispatchEvent(new Event("play"));
    let [before, watched] = [performance.now(), { frames: 0, milliseconds: 0 }];
    const step = (now) => {
      if (this.paused) return;
      const passed = Math.min(Math.max(now - before, 0), LATE);
      const frames = (passed / 1000) * FPS;
      before = now;
      watched.frames++;
      watched.milliseconds += passed;
      if (watched.frames === WATCHED) {
        if (watched.milliseconds > SLOW * WATCHED) this.coarser();
        watched = { frames: 0, milliseconds: 0 };
      }
      this.share = (this.share + frames / this.period) % 1;
      this.light += frames * this.speed;
      this.draw();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  coarser() {}

  pause() {
    if (this.paused) return;
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }

  close() {
    this.pause();
    this.closed = true;
    this.canvas.remove();
  }

  #turn() {
    const { scene, numbers } = this;
    const wind = [(this.wind[0] * scene.width) / scene.step, (this.wind[1] * scene.height) / scene.step];
    const { travel, fastest } = paceOf(numbers, this.moving, scene, wind);
    this.period = periodOf(travel, this.speed);
    this.longest = this.period * this.speed;
    this.trace(wind, fastest * this.longest);
    this.turned = false;
  }
}

/** A picture's 8-bit pixels at another size, [rows, columns, 4]. */
export function pixelsOf(picture, columns, rows) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [columns, rows];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, columns, rows);
  return pen.getImageData(0, 0, columns, rows).data;
}
