// The wind as an arrow on the picture: dragged by a finger or the mouse, or turned by keys.

const LEAST = 12; // pixels: shorter drags are taps
const STEP = 5; // degrees a key
const KEYS = { ArrowLeft: STEP, ArrowUp: STEP, ArrowRight: -STEP, ArrowDown: -STEP };
const NAMES = ["right", "upper right", "top", "upper left", "left", "lower left", "bottom", "lower right"];

export class Arrow {
  /** frame: the picture; element: what is seen of the arrow; usable(); turned(degrees): 0 right, 90 up. */
  constructor({ frame, element, usable, turned }) {
    Object.assign(this, { frame, element, turned });
    let from = null;
    frame.addEventListener("pointerdown", (event) => {
      if (!usable() || event.button || !event.isPrimary) return;
      from = { clientX: event.clientX, clientY: event.clientY, pointerId: event.pointerId };
      frame.setPointerCapture(event.pointerId);
    });
    frame.addEventListener("pointermove", (event) => {
      if (event.pointerId !== from?.pointerId || !usable()) return;
      const [right, up] = [event.clientX - from.clientX, from.clientY - event.clientY];
      if (Math.hypot(right, up) < LEAST) return;
      this.#place(from);
      this.#turn((Math.atan2(up, right) * 180) / Math.PI);
    });
    for (const end of ["pointerup", "pointercancel"])
      frame.addEventListener(end, (event) => {
        if (event.pointerId === from?.pointerId) from = null; // not another finger
      });
    element.addEventListener("keydown", (event) => {
      if (!KEYS[event.key] || event.altKey || event.ctrlKey || event.metaKey || !usable()) return;
      event.preventDefault();
      this.#turn(this.degrees + KEYS[event.key]);
    });
  }

  /** Shows a direction. */
  show(degrees) {
    this.degrees = ((Math.round(degrees) % 360) + 360) % 360;
    this.element.style.rotate = `${-this.degrees}deg`;
    this.element.setAttribute("aria-valuenow", this.degrees);
    const name = NAMES[Math.round(this.degrees / 45) % 8];
    this.element.setAttribute("aria-valuetext", `to the ${name}, ${this.degrees} degrees`);
  }

  #turn(degrees) {
    this.show(degrees);
    this.turned(this.degrees);
  }

  /** Where the drag began, but wholly on the picture. */
  #place({ clientX, clientY }) {
    const box = this.frame.getBoundingClientRect();
    const share = (at, length) => `${100 * Math.min(0.92, Math.max(0.08, at / length))}%`;
    this.element.style.left = share(clientX - box.left, box.width);
    this.element.style.top = share(clientY - box.top, box.height);
  }
}
