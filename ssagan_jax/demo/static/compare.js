// The photo over the clip, as far as a slider, or a finger on the picture, says.

import { at } from "./page.js";

const WIPE = 1600; // milliseconds

export class Compare {
  /** usable(): whether a finger on the picture compares. */
  constructor(usable) {
    const [frame, before, divider, slider] = ["frame", "before", "divider", "compare"].map(at);
    Object.assign(this, { before, divider, slider });
    slider.addEventListener("input", () => this.#moved());
    let dragging = null; // the pointer that drags
    const drag = (event) => {
      const box = frame.getBoundingClientRect();
      slider.value = Math.round((100 * (event.clientX - box.left)) / box.width);
      this.#moved();
    };
    frame.addEventListener("pointerdown", (event) => {
      if (!usable() || event.button || !event.isPrimary) return;
      dragging = event.pointerId;
      frame.setPointerCapture(event.pointerId);
      drag(event);
    });
    frame.addEventListener("pointermove", (event) => event.pointerId === dragging && drag(event));
    for (const end of ["pointerup", "pointercancel"])
      frame.addEventListener(end, (event) => {
        if (event.pointerId === dragging) dragging = null;
      });
  }

  /** Back to nothing of the photo. */
  reset() {
    this.slider.value = 0;
    this.#moved();
  }

  /** Wipes the photo away, once, so that everybody sees what the slider does. */
  wipe() {
    const begun = performance.now();
    const value = (now) => Math.round(100 * Math.max(0, 1 - (now - begun) / WIPE) ** 2);
    const step = (now) => {
      if (this.touched) return;
      this.slider.value = value(now);
      this.show();
      if (now - begun < WIPE) requestAnimationFrame(step);
    };
    this.touched = false;
    requestAnimationFrame(step);
  }

  show() {
    const share = Number(this.slider.value);
    this.before.style.clipPath = `inset(0 ${100 - share}% 0 0)`;
    this.divider.style.left = `${share}%`;
    this.slider.setAttribute("aria-valuetext", `${share} % photo`);
    document.body.classList.toggle("comparing", share > 0 && share < 100);
  }

  #moved() {
    this.touched = true;
    this.show();
  }
}
