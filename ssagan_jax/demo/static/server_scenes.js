// What the page needs to blow a photo, found by the computer that serves it.

import { OnServer } from "./on_server.js";
import { open } from "./scene.js";

const SOON = 150; // milliseconds between two questions: a scene is made quickly

export class ServerScenes {
  #server = new OnServer();

  /** A photo's scene, as scene.js has it; painter.edited: what moves was painted. Then nothing of it stays there. */
  async scene({ photo, painter, signal, report }) {
    const mask = painter.edited ? await painter.png() : null;
    const order = { live: 1, moves: mask ? "painted" : "sky" };
    const server = (this.#server = new OnServer()); // its own: an earlier one may still be ending
    try {
      await server.make({ photo, mask, order, signal, report, poll: SOON });
      return await open((name) => server.fetched(name, signal), photo.blob);
    } finally {
      server.leave();
    }
  }

  leave() {
    this.#server.leave();
  }
}
