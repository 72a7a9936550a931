// Where it blows: across the picture, as the arrow says, or away from the visitor, or near.

import { Arrow } from "./arrow.js";
import { at, check, chosen } from "./page.js";

export class Course {
  /** live: what is blown; usable(): whether the arrow may be turned. */
  constructor({ live, usable }) {
    this.live = live;
    this.arrow = new Arrow({
      frame: at("frame"),
      element: at("arrow"),
      usable,
      turned: (degrees) => {
        live.turn(degrees);
        check("course", live.course);
        this.#mark();
      },
    });
    for (const radio of document.getElementsByName("course"))
      radio.addEventListener("change", () => {
        live.follow(chosen("course"));
        this.#mark();
      });
  }

  /** The wind of a photo that is blown anew. */
  show() {
    this.arrow.show(this.live.degrees);
    this.#mark();
  }

  /** Another photo: across, at first. */
  reset() {
    this.live.course = "across";
    check("course", "across");
  }

  #mark() {
    document.body.classList.toggle("radial", this.live.course !== "across");
  }
}
