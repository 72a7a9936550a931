// What a canvas shows, as a video file that the browser writes.

import { FPS } from "./schedule.js";

const BITS = 8_000_000; // a second, of the video file
const KEPT = 60_000; // milliseconds: a recorded file, for the browser to store it
const KINDS = [
  ["video/mp4;codecs=avc1.640028", "mp4"],
  ["video/mp4;codecs=avc1.42E028", "mp4"],
  ["video/webm;codecs=vp9", "webm"],
  ["video/webm", "webm"],
  ["video/mp4", "mp4"],
];

/**
 * So many frames once, as a File: it takes as long as they last. The page has to stay in front.
 * draw(number) paints one of them; told(share) hears how far it is.
 */
export async function recorded(canvas, frames, { draw, told, signal }) {
  const [type, ending] = KINDS.find(([kind]) => globalThis.MediaRecorder?.isTypeSupported(kind)) ?? [];
  if (!type) throw new Error("This browser cannot write videos.");
  const stream = canvas.captureStream(FPS);
  const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: BITS });
  const parts = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const stopped = new Promise((done) => recorder.addEventListener("stop", done));
  draw(0);
  recorder.start();
  try {
    await once(frames, draw, told, signal);
  } finally {
    if (recorder.state !== "inactive") recorder.stop();
    for (const track of stream.getTracks()) track.stop();
  }
  await stopped;
  return new File(parts, `moving-sky.${ending}`, { type: type.split(";")[0] });
}

function once(frames, draw, told, signal) {
  const begun = performance.now();
  let drawn = 0;
  return new Promise((done, failed) => {
    const step = () => {
      if (signal.aborted) return failed(signal.reason);
      if (document.hidden) return failed(new Error("The video was not written: the page has to stay in front."));
      const number = Math.floor(((performance.now() - begun) / 1000) * FPS);
      if (number >= frames) return done();
      if (number !== drawn) draw((drawn = number));
      told(number / frames);
      setTimeout(step, 1000 / FPS / 4);
    };
    step();
  });
}

/** The files of what a film shows; filmed(): the film, whose record(told, signal) is a File. */
export class Recordings {
  #file = null;

  constructor(filmed) {
    this.filmed = filmed;
  }

  async make({ signal, report }) {
    const told = (share) => report("Recording", { done: Math.round(100 * share), total: 100 });
    this.#file = await this.filmed().record(told, signal);
  }

  /** {href, name}, for a link. */
  link() {
    const href = URL.createObjectURL(this.#file);
    setTimeout(() => URL.revokeObjectURL(href), KEPT);
    return { href, name: this.#file.name };
  }

  async file() {
    return this.#file;
  }

  forget() {
    this.#file = null;
  }
}
