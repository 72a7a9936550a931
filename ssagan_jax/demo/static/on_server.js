// A clip made by the computer that serves the page.

import * as api from "./api.js";

const POLL = 600; // milliseconds, while a clip is made
const STAY = 30_000; // and while it is looked at

export class OnServer {
  #name = null; // of the clip there

  /**
   * Sends a photo and makes its clip, or its scene; report(text, told) hears how far it is.
   * poll: milliseconds between two questions.
   */
  async make({ photo, mask, order, signal, report, poll = POLL }) {
    report("Sending the photo", null);
    let told = await api.send(photo.blob, mask, order, signal);
    this.#name = told.name;
    if (signal.aborted) this.leave();
    signal.throwIfAborted();
    while (told.state === "waiting" || told.state === "working") {
      told.state === "waiting" ? report(waiting(told), null) : report(order.live ? "Finding what moves" : "Painting the clip", order.live ? null : told);
      await pause(poll, signal);
      told = await api.state(this.#name, signal);
    }
    if (told.state === "failed") throw new api.Refusal(told.message);
  }

  /** Where its files are: clip.mp4, clip.gif, photo.jpg; of a scene those of scene.js. */
  file(which) {
    return api.file(this.#name, which);
  }

  /** One of its files. */
  async fetched(which, signal) {
    const response = await fetch(this.file(which), { signal });
    if (!response.ok) throw new api.Refusal("The server has this photo no longer. Try again.");
    return response;
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
    const stop = () => (clearTimeout(timer), failed(signal.reason));
    const timer = setTimeout(() => (signal.removeEventListener("abort", stop), done()), milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}
