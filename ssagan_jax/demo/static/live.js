// Models that warp: the server is asked once for a photo, and then this page blows it.

import { OnServer } from "./on_server.js";
import { PlainWind } from "./plain_wind.js";
import { open } from "./scene.js";
import { Wind } from "./wind.js";

const SOON = 150; // milliseconds between two questions: a scene is made quickly
const PLAIN_SIDE = 640; // pixels, where there is no WebGL 2

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
  #server = new OnServer();

  /** holder: the element for the film's canvas; painter: its canvas says what moves. */
  constructor({ holder, painter }) {
    Object.assign(this, { holder, painter });
  }

  /** The film of a photo, in the wind that is likely. */
  async make({ photo, speed, signal, report }) {
    const scene = await this.#ask(photo, signal, report);
    if (!this.painter.edited) this.painter.load(scene.alpha);
    this.aspect = scene.height / scene.width;
    this.pace = Math.hypot(scene.wind[0], scene.wind[1] * this.aspect);
    this.degrees = (Math.atan2(-scene.wind[1] * this.aspect, scene.wind[0]) * 180) / Math.PI;
    this.film = this.#filmOf(scene, { wind: this.wind, speed });
    return this.film;
  }

  /** The wind, (right, down), shares of the picture's width and height a frame. */
  get wind() {
    const turned = (this.degrees * Math.PI) / 180;
    return [this.pace * Math.cos(turned), (-this.pace * Math.sin(turned)) / this.aspect];
  }

  turn(degrees) {
    this.degrees = degrees;
    this.film.blow({ wind: this.wind });
  }

  /** What moves was painted: the server fills in what is behind the rest. */
  async refresh({ photo, signal }) {
    const scene = await this.#ask(photo, signal, () => {});
    this.film?.show(scene);
  }

  /** Back to what the model says. */
  forget() {
    if (this.film) this.painter.load(this.film.scene.own);
    this.film?.masked();
  }

  close() {
    this.#server.leave();
    this.film?.close();
    this.film = null;
  }

  async #ask(photo, signal, report) {
    const { edited } = this.painter;
    const mask = edited ? await this.painter.png() : null;
    const order = { live: 1, moves: edited ? "painted" : "sky" };
    await this.#server.make({ photo, mask, order, signal, report, poll: SOON });
    const scene = await open((name) => this.#server.fetched(name, signal), photo.blob);
    this.#server.leave(); // nothing of the photo stays there
    scene.own = edited ? (this.film?.scene.own ?? scene.alpha) : scene.alpha;
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
