// A clip made by the computer that serves the page.

import * as api from "./api.js";

const POLL = 600; // milliseconds, while a clip is made
const STAY = 30_000; // and while it is looked at

export class OnServer {
  #name = null; // of the clip there

  /** Sends a photo and makes its clip; report(text, told) hears how far it is. */
  async make({ photo, mask, order, signal, report }) {
    report("Sending the photo", null);
    let told = await api.send(photo.blob, mask, order, signal);
    this.#name = told.name;
    if (signal.aborted) this.leave();
    signal.throwIfAborted();
    while (told.state === "waiting" || told.state === "working") {
      told.state === "waiting" ? report(waiting(told), null) : report("Painting the clip", told);
      await pause(POLL, signal);
      told = await api.state(this.#name, signal);
    }
    if (told.state === "failed") throw new api.Refusal(told.message);
  }

  /** Where its files are: clip.mp4, clip.gif, photo.jpg. */
  file(which) {
    return api.file(this.#name, which);
  }

  /** Tells the server that somebody still looks; returns once the clip is no longer there. */
  async stay(signal) {
    const name = this.#name;
    while (!signal.aborted) {
      try {
        await pause(STAY, signal);
        await api.state(name, signal);
      } catch (error) {
        if (error.status === 404) return;
      }
    }
  }

  /** Nobody needs the clip any more. */
  leave() {
    if (this.#name) api.leave(this.#name);
    this.#name = null;
  }
}

function waiting({ place }) {
  const before = place === 1 ? "1 clip is" : `${place} clips are`;
  return place ? `Waiting: ${before} made before yours` : "Getting ready";
}

function pause(milliseconds, signal) {
  return new Promise((done, failed) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), failed(signal.reason)));
  });
}
