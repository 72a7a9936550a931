// A clip of what is seen, as a file: made by the server or recorded here, then stored or shared.

import { OnServer } from "./on_server.js";

const NAMES = { "clip.mp4": "moving-sky.mp4", "clip.gif": "moving-sky.gif" };
const SHARED = "clip.mp4";
const KIND = "video/mp4";

/** Whether this browser can hand files to other apps: pages under https and localhost only. */
export const canShare = () => Boolean(navigator.canShare?.({ files: [new File([], NAMES[SHARED], { type: KIND })] }));

export class Saving {
  #made = null; // what was made last, as text
  #maker = null; // and who made it

  /** maker(): a ServerClips or Recordings, as things are now; ordered(): what to make, with a `key` that says all of it. */
  constructor({ maker, ordered }) {
    Object.assign(this, { maker, ordered });
  }

  /** Stores a file, whose name is returned; kind: clip.mp4 or clip.gif. */
  async save(kind, signal, report) {
    const maker = await this.#make(signal, report);
    const link = document.createElement("a");
    const { href, name } = maker.link(kind);
    [link.href, link.download] = [href, name];
    link.click();
    return name;
  }

  /** Hands the video to another app; false if the browser wants another touch for that, once it is made. */
  async share(signal, report) {
    const maker = await this.#make(signal, report);
    const files = [await maker.file(signal)];
    if (!navigator.canShare({ files })) throw new Error("This browser cannot share such a video. Save it instead.");
    try {
      await navigator.share({ files });
    } catch (error) {
      if (error.name === "NotAllowedError") return false; // too long after the touch
      if (error.name !== "AbortError") throw error; // the visitor changed their mind
    }
    return true;
  }

  /** What was made is another photo's, or was made long ago. */
  forget() {
    this.#maker?.forget();
    this.#made = this.#maker = null;
  }

  async #make(signal, report) {
    const maker = this.maker();
    const order = this.ordered();
    if (order.key === this.#made && maker === this.#maker) return maker;
    this.forget();
    this.#maker = maker; // from now on: what is being made is given up by forget(), too
    await maker.make({ ...order, signal, report, gone: () => this.#made === order.key && this.forget() });
    this.#made = order.key;
    return maker;
  }
}

/** Clips that the server makes. */
export class ServerClips {
  #server = new OnServer();
  #file = null;

  async make({ photo, mask, order, signal, report, gone }) {
    const server = (this.#server = new OnServer()); // its own: an earlier one may still be ending
    try {
      await server.make({ photo, mask: await mask(), order, signal, report });
    } catch (error) {
      server.leave();
      throw error;
    }
    server.stay(signal).then(gone);
  }

  link(kind) {
    return { href: this.#server.file(kind), name: NAMES[kind] };
  }

  async file(signal) {
    this.#file ??= await (await this.#server.fetched(SHARED, signal)).blob();
    return new File([this.#file], NAMES[SHARED], { type: KIND });
  }

  forget() {
    this.#server.leave();
    this.#file = null;
  }
}
