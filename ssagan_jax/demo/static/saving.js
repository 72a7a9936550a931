// A clip of what is blown here: made by the server when somebody asks for it, then stored or shared.

import { OnServer } from "./on_server.js";

const NAMES = { "clip.mp4": "moving-sky.mp4", "clip.gif": "moving-sky.gif" };
const KINDS = { "clip.mp4": "video/mp4", "clip.gif": "image/gif" };

/** Whether this browser can hand files to other apps: pages under https and localhost only. */
export const canShare = () =>
  Boolean(navigator.canShare?.({ files: [new File([], NAMES["clip.mp4"], { type: KINDS["clip.mp4"] })] }));

export class Saving {
  #server = new OnServer();
  #made = null; // the clip that the server has, as text

  /** ordered(): {photo, mask, order} of the clip as it is now. */
  constructor(ordered) {
    this.ordered = ordered;
  }

  /** Stores a file; kind: clip.mp4 or clip.gif. */
  async save(kind, signal, report) {
    await this.#make(signal, report);
    const link = document.createElement("a");
    [link.href, link.download] = [this.#server.file(kind), NAMES[kind]];
    link.click();
    return NAMES[kind];
  }

  /** Hands the video to another app; false if the browser wants another touch for that, once it is made. */
  async share(signal, report) {
    await this.#make(signal, report);
    this.file ??= await this.#server.fetched("clip.mp4", signal).then((response) => response.blob());
    const file = new File([this.file], NAMES["clip.mp4"], { type: KINDS["clip.mp4"] });
    try {
      await navigator.share({ files: [file] });
    } catch (error) {
      if (error.name === "NotAllowedError") return false; // too long after the touch
      if (error.name !== "AbortError") throw error; // the visitor changed their mind
    }
    return true;
  }

  /** What was made is another photo's, or was made long ago. */
  forget() {
    this.#server.leave();
    this.#made = this.file = null;
  }

  async #make(signal, report) {
    const { photo, mask, order } = await this.ordered();
    const wanted = JSON.stringify([order, mask && (await digest(mask))]);
    if (wanted === this.#made) return;
    this.forget();
    await this.#server.make({ photo, mask, order, signal, report });
    this.#made = wanted;
    this.#server.stay(signal).then(() => wanted === this.#made && this.forget());
  }
}

/** A mask in a few words: whether two are the same. */
async function digest(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return bytes.reduce((sum, byte) => (31 * sum + byte) | 0, bytes.length);
}
