// Films of pairs: fetched ahead, and both halves drawn from one video, so that they run in step.

import { at } from "./page.js";

const RETRY = 2000; // milliseconds

/** A film by its name, as a video; `ready` once it can be drawn. */
export class Film {
  constructor(name) {
    this.video = Object.assign(document.createElement("video"), { muted: true, loop: true, playsInline: true, preload: "auto" });
    this.ready = this.#load(`clips/${name}.mp4`);
  }

  async #load(address) {
    while (!this.released) {
      try {
        const response = await fetch(address);
        if (!response.ok) throw new Error(`${response.status}`);
        this.source = URL.createObjectURL(await response.blob());
        await new Promise((done, failed) => {
          Object.assign(this.video, { onloadeddata: done, onerror: failed, src: this.source });
        });
        return;
      } catch {
        await new Promise((done) => setTimeout(done, RETRY));
      }
    }
  }

  /** Gives its memory back. */
  release() {
    this.released = true;
    this.video.pause();
    this.video.removeAttribute("src");
    if (this.source) URL.revokeObjectURL(this.source);
  }
}

/** The two canvases. study: width, height, second (where a film's right half begins). */
export class Stage {
  #film = null;
  #lefts = []; // of each canvas, where its half begins in the film

  constructor(study) {
    this.study = study;
    this.canvases = ["left", "right"].map((side) => at(side).querySelector("canvas"));
    for (const canvas of this.canvases) [canvas.width, canvas.height] = [study.width, study.height];
    at("pair").style.maxWidth = `min(100%, calc(${(2 * study.width) / study.height} * 62vh))`;
    this.playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    at("play").addEventListener("click", () => this.toggle());
    this.#label();
  }

  /** Shows a film that is ready; left: which of its halves is on the left. */
  show(film, left) {
    this.#film?.video.pause();
    this.#film = film;
    this.#lefts = left ? [this.study.second, 0] : [0, this.study.second];
    film.video.currentTime = 0;
    this.#go();
    requestAnimationFrame(() => this.#draw(film));
  }

  /** Plays, or pauses; stays so for the pairs that follow. */
  toggle() {
    this.playing = !this.playing;
    this.#label();
    this.#go();
  }

  #go() {
    if (!this.#film) return;
    if (this.playing) this.#film.video.play().catch(() => this.#stuck());
    else this.#film.video.pause();
  }

  #stuck() {
    // The browser wants a touch first.
    this.playing = false;
    this.#label();
  }

  #label() {
    at("play").textContent = this.playing ? "Pause" : "Play";
  }

  #draw(film) {
    if (film !== this.#film || film.released) return;
    const { width, height } = this.study;
    this.canvases.forEach((canvas, side) =>
      canvas.getContext("2d").drawImage(film.video, this.#lefts[side], 0, width, height, 0, 0, width, height));
    requestAnimationFrame(() => this.#draw(film));
  }
}
