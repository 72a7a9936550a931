// Models that warp: the server or this device is asked once for a photo, and then this page blows it.

import { PlainWind } from "./plain_wind.js";
import { Wind } from "./wind.js";

const PLAIN_SIDE = 640; // pixels, where there is no WebGL 2
const RADIAL = { across: 0, away: 1, near: -1 };

/** How large photos may be here, on the long side: {side, why}; why is null where the server's limit holds. */
export function largest(side) {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return { side: Math.min(side, PLAIN_SIDE), why: "this browser has no WebGL 2" };
  const most = Math.floor((gl.getParameter(gl.MAX_TEXTURE_SIZE) - 1) / 2); // the layer is doubled
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return most < side ? { side: most, why: "that is the most this device's graphics take" } : { side, why: null };
}

export class Live {
  film = null;
  course = "across"; // a key of RADIAL
  #source = null; // of scenes
  #refreshing = null; // AbortController

  /** holder: the element for the film's canvas; painter: its canvas says what moves. */
  constructor({ holder, painter }) {
    Object.assign(this, { holder, painter });
  }

  /** The film of a photo, in the wind that is likely; source: a ServerScenes or an OnDevice. */
  async make({ photo, source, speed, seconds, signal, report }) {
    this.#source = source;
    const scene = await this.#ask(photo, signal, report);
    if (!this.painter.edited) this.painter.load(scene.alpha);
    this.aspect = scene.height / scene.width;
    this.pace = Math.hypot(scene.wind[0], scene.wind[1] * this.aspect);
    this.degrees = (Math.atan2(-scene.wind[1] * this.aspect, scene.wind[0]) * 180) / Math.PI;
    this.film = this.#filmOf(scene, { speed, seconds, ...this.#blowing });
    return this.film;
  }

  /** The wind, (right, down), shares of the picture's width and height a frame. */
  get wind() {
    const turned = (this.degrees * Math.PI) / 180;
    return [this.pace * Math.cos(turned), (-this.pace * Math.sin(turned)) / this.aspect];
  }

  /** The wind, and whether it goes away (1), comes near (-1) or neither, as fast as it is now. */
  get #blowing() {
    return { wind: this.wind, radial: RADIAL[this.course] * this.pace };
  }

  /** What the server is told of the wind. */
  get told() {
    return this.course === "across" ? this.wind.join(",") : this.course;
  }

  get scene() {
    return this.film.scene;
  }

  /** Whether what is seen is not what moves by now: it was painted, or what was painted is taken back. */
  get outdated() {
    return this.painter.edited || this.film.scene.painted;
  }

  /** Across, in a direction: 0 right, 90 up. */
  turn(degrees) {
    this.degrees = degrees;
    this.follow("across");
  }

  /** course: a key of RADIAL. */
  follow(course) {
    this.course = course;
    this.film?.blow(this.#blowing);
  }

  /** What moves was painted: what is behind the rest is filled in anew. An earlier question is given up. */
  async refresh({ photo, signal }) {
    this.#refreshing?.abort();
    const own = (this.#refreshing = new AbortController());
    signal.addEventListener("abort", () => own.abort(), { signal: own.signal });
    const scene = await this.#ask(photo, own.signal, () => {});
    this.film?.show(scene);
    own.abort(); // nothing listens any more
  }

  /** Back to what the model says. */
  forget() {
    if (this.film) this.painter.load(this.film.scene.own);
    this.film?.masked();
  }

  close() {
    this.#source?.leave();
    this.film?.close();
    this.film = null;
  }

  async #ask(photo, signal, report) {
    const { painter } = this;
    const { edited } = painter; // now: it may be painted on meanwhile
    const scene = await this.#source.scene({ photo, painter, signal, report });
    signal.throwIfAborted();
    scene.own = edited ? (this.film?.scene.own ?? scene.alpha) : scene.alpha;
    scene.painted = edited;
    return scene;
  }

  #filmOf(scene, options) {
    for (const Kind of [Wind, PlainWind]) {
      const canvas = document.createElement("canvas");
      try {
        const film = new Kind(canvas, scene, this.painter.canvas, options);
        this.holder.replaceChildren(canvas);
        return film;
      } catch (error) {
        if (Kind === PlainWind) throw error;
        console.warn(`No WebGL 2: ${error.message}`);
      }
    }
  }
}
