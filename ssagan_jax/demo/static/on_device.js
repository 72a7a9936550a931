// Clips made in this browser, or what it needs to blow a photo: nothing is sent to anybody.

import { Refusal, described } from "./api.js";
import { Film } from "./film.js";
import { DECODED } from "./scene.js";

export class OnDevice {
  #worker = null; // keeps the model from one clip to the next

  /** base: where the server has the files; wanted: null or {backend, threads}, for measuring. */
  static async at(base, wanted = null) {
    return Object.assign(new OnDevice(), { base, wanted, told: await described(base) });
  }

  /** What has to be loaded before the first clip: "32", or "32 to 44" if WebGPU may compute it. */
  get megabytes() {
    const { files, model, wasm, webgpu } = this.told;
    const [least, most] = [wasm, webgpu].map((program) =>
      Math.round([model, ...program].reduce((sum, name) => sum + files[name].bytes, 0) / 1e6),
    );
    return navigator.gpu ? `${least} to ${most}` : `${least}`;
  }

  /**
   * The Film of a photo.
   * photo: {blob}; painted: null or {mask, width, height}; order: seconds, speed, moves;
   * canvas: a fresh one; report(text, {done, total} or null).
   */
  async make({ photo, painted, order, canvas, signal, report }) {
    const { pixels, width, height } = await pixelsOf(photo.blob);
    const picture = { pixels: pixels.slice(), width, height }; // the copy goes away with the message
    const made = await this.#ask({ photo: picture, moves: order.moves, painted }, signal, report);
    return new Film(canvas, { pixels, width, height }, made, order);
  }

  /** A photo's scene, as scene.js has it, of a model that warps; painter.edited: what moves was painted. */
  async scene({ photo, painter, signal, report }) {
    const painted = painter.edited ? painter.numbers() : null;
    const scene = await this.#ask({ photo: await pixelsOf(photo.blob), painted }, signal, report);
    return { ...scene, photo: await createImageBitmap(photo.blob, DECODED) };
  }

  leave() {} // nobody else has anything of the photo

  /** Frees the memory. */
  close() {
    this.#worker?.terminate();
    this.#worker = null;
  }

  async #ask(order, signal, report) {
    signal.throwIfAborted(); // else the worker's answer would be another clip's
    const { width, height } = order.photo;
    const { size } = this.told;
    if (Math.min(width, height) < size)
      throw new Refusal(`The photo of ${width} x ${height} pixels is smaller than the model's ${size} x ${size}. Take a larger one.`);
    const base = new URL(this.base, location.href).href;
    const message = { base, told: this.told, wanted: this.wanted, ...order };
    const worker = (this.#worker ??= new Worker("/static/device_worker.js", { type: "module" }));
    const over = new AbortController();
    const answer = new Promise((done, failed) => {
      const fail = (error) => {
        this.close(); // what it is at cannot be stopped otherwise
        failed(error);
      };
      signal.addEventListener("abort", () => fail(signal.reason), { signal: over.signal });
      worker.onerror = (event) => {
        event.preventDefault();
        fail(new Error(event.message || "its program did not start."));
      };
      worker.onmessage = ({ data }) => {
        if (data.made) done(data.made);
        else if (data.refused) failed(new Refusal(data.refused));
        else if (data.failed) fail(new Error(data.failed));
        else report(data.text, data.bytes);
      };
      worker.postMessage(message, [message.photo.pixels.buffer]);
    });
    return answer.finally(() => over.abort());
  }
}

async function pixelsOf(blob) {
  const picture = await createImageBitmap(blob, DECODED);
  const { width, height } = picture;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(picture, 0, 0);
  picture.close();
  return { pixels: pen.getImageData(0, 0, width, height).data, width, height };
}

/** "WebAssembly, 4 threads", of a Film's `made`. */
export function nameOf({ backend, threads }) {
  if (backend === "webgpu") return "WebGPU";
  return `WebAssembly, ${threads} ${threads === 1 ? "thread" : "threads"}`;
}
