// What plays a photo that is blown, like a video element: play(), pause(), paused, events "play" and "pause".

import { nearest } from "./motion.js";
import { recorded } from "./recording.js";
import { FPS, loopedLight, paceOf, periodOf } from "./schedule.js";

const LATE = 250; // milliseconds: longer pauses between frames do not count
const SLOW = 50; // milliseconds a frame, on average: more is too slow
const WATCHED = 30; // frames

export class Blower extends EventTarget {
  /**
   * canvas: a fresh one; scene: of scene.js; mask: a canvas of the photo's size whose opacity says what
   * moves; wind: (right, down), shares of the picture per frame; radial: 0, or instead of the wind as fast away from
   * the visitor (less than 0: near), shares of the width per frame; speed: a factor; seconds: of what is recorded.
   */
  constructor(canvas, scene, mask, { wind, radial = 0, speed, seconds }) {
    super();
    Object.assign(this, { canvas, mask, wind, radial, speed, seconds });
    Object.assign(this, { paused: true, share: 0, light: 0, drawn: 0, loop: null, playing: 0 });
    [canvas.width, canvas.height] = [scene.width, scene.height];
    this.show(scene);
  }

  /** Another scene of the same photo. */
  show(scene) {
    if (scene !== this.scene) this.#free();
    this.scene = scene;
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

  /** As the constructor has it; takes effect at once. */
  blow({ wind = this.wind, radial = this.radial, speed = this.speed, seconds = this.seconds }) {
    Object.assign(this, { wind, radial, speed, seconds, turned: true });
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
    const playing = ++this.playing;
    const step = (now) => {
      if (this.paused || playing !== this.playing) return; // or it would be drawn twice after a short pause
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

  /** A loop of the whole photo once, as a File; `told` and `signal` as in recording.js. */
  async record(told, signal) {
    const { paused, share, light } = this;
    this.pause();
    this.finest();
    this.loop = 2 * nearest((this.seconds * FPS) / 2); // even, as the server's
    this.turned = true;
    try {
      return await recorded(this.canvas, this.loop, { draw: (number) => this.#drawOf(number), told, signal });
    } finally {
      Object.assign(this, { loop: null, turned: true, share, light });
      if (!this.closed) paused ? this.draw() : this.play();
    }
  }

  coarser() {}

  finest() {}

  pause() {
    if (this.paused) return;
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }

  close() {
    this.pause();
    this.closed = true;
    this.canvas.remove();
    this.#free();
  }

  /** The memory of the scene's pictures; `alpha` may be that of the next one, too. */
  #free() {
    for (const name of ["photo", "layer"]) this.scene?.[name].close();
  }

  /** Paints a frame of the loop. */
  #drawOf(number) {
    if (this.turned) this.#turn();
    this.share = (number % this.period) / this.period;
    this.light = loopedLight(number, this.loop, this.speed, this.scene.frames);
    this.draw();
  }

  #turn() {
    const { scene, radial } = this;
    this.motion = radial ? away(scene, radial) : scene.motion;
    const wind = [(this.wind[0] * scene.width) / scene.step, (this.wind[1] * scene.height) / scene.step];
    const { travel, fastest } = paceOf(this.motion, this.moving, scene, wind);
    this.period = periodOf(travel, this.speed);
    if (this.loop) this.period = this.loop / Math.ceil(this.loop / this.period);
    this.longest = this.period * this.speed;
    this.trace(wind, fastest * this.longest);
    this.turned = false;
  }
}

/** The motion of a scene that goes away, so fast. */
function away({ radial, motion }, pace) {
  const made = new Float32Array(motion.length); // nothing follows the wind
  for (let i = 0; i < radial.length / 2; i++) for (let k = 0; k < 2; k++) made[3 * i + 1 + k] = pace * radial[2 * i + k];
  return made;
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
