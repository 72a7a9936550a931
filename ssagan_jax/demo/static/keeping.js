// The buttons by which a clip that is seen is stored or shared.

import { at, is, lock, order, say } from "./page.js";
import { Recordings } from "./recording.js";
import { Saving, ServerClips, canShare } from "./saving.js";

const SAVED = { save: "clip.mp4", "save-mp4": "clip.mp4", "save-gif": "clip.gif" };
const MADE = ["save-mp4", "save-gif", "share"];

export class Keeping {
  busy = false; // a recording: what is seen is not to be changed

  /** seen(): {photo, film, signal} of what plays now. */
  constructor({ place, live, painter, seen }) {
    Object.assign(this, { place, seen });
    const [clips, recordings] = [new ServerClips(), new Recordings(() => seen().film)];
    this.saving = new Saving({
      maker: () => (place.here ? recordings : clips),
      ordered: () => {
        const wanted = { ...order(), moves: painter.edited ? "painted" : "sky", wind: live.told };
        const mask = async () => (painter.edited ? painter.png() : null);
        return { photo: seen().photo, mask, order: wanted, key: JSON.stringify([wanted, painter.version]) };
      },
    });
    for (const [id, kind] of Object.entries(SAVED)) at(id).addEventListener("click", () => this.#keep(kind));
    at("share").addEventListener("click", () => this.#keep("share"));
    at("share").hidden = !canShare();
  }

  forget() {
    this.saving.forget();
  }

  async #keep(how) {
    const { signal } = this.seen();
    const { here } = this.place;
    const pressed = document.activeElement;
    const bar = at("saving");
    let heard = null;
    const report = (text, told) => {
      if (text !== heard) say(`${(heard = text)}.`); // once: numbers would be read out again and again
      [bar.hidden, bar.max, bar.value] = [!told, told?.total ?? 1, told?.done ?? 0];
    };
    if (here) lock(true);
    else for (const id of MADE) at(id).disabled = true;
    this.busy = at("play").disabled = here; // it would draw between the recorder's frames
    try {
      if (how !== "share") say(`Saved as ${await this.saving.save(how, signal, report)}.`);
      else say((await this.saving.share(signal, report)) ? "" : "The clip is ready: press Share once more.");
    } catch (error) {
      if (!signal.aborted) say(error.message, true);
    }
    this.busy = at("play").disabled = false;
    bar.hidden = true;
    lock(is("working"));
    if (document.activeElement === document.body) pressed.focus({ preventScroll: true }); // what is disabled loses it
  }
}
