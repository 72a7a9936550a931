// Where clips are made: by the server, or here, where it has what that needs and the visitor so chose.

const REMEMBERED = "make on this device";

export class Place {
  device = null; // makes clips here
  broken = null; // why what is remembered cannot be done, until the visitor lets the server do it
  nameOf = null; // says of a film what made it

  /** where: the whole choice; here: its checkbox; megabytes: where that is told; changed(here). */
  constructor({ where, here, megabytes, changed }) {
    Object.assign(this, { where, box: here, megabytes, changed });
    here.addEventListener("change", () => {
      remember(here.checked);
      this.#change();
    });
  }

  get here() {
    return Boolean(this.device) && this.box.checked;
  }

  /** Offers the choice, if the server has files for it at `base`, and makes the one of last time. */
  async offer(base) {
    try {
      if (base) await this.#open(base);
      else if (remembered()) this.broken = "this server has no files for that.";
    } catch (error) {
      console.warn(error);
      if (remembered()) this.broken = "its files did not come. Load the page again.";
    }
    this.#change();
  }

  /** The server for this visit; what is remembered stays. */
  elsewhere() {
    this.broken = null;
    this.box.checked = false;
    this.#change();
  }

  async #open(base) {
    const module = await import("./on_device.js");
    this.nameOf = module.nameOf;
    this.device = await module.OnDevice.at(base);
    this.megabytes.textContent = this.device.megabytes;
    this.box.checked = remembered();
    this.where.hidden = false;
  }

  #change() {
    if (!this.here) this.device?.close();
    document.body.classList.toggle("on-device", this.here);
    this.changed(this.here);
  }
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED) === "yes";
  } catch {
    return false; // the visitor lets pages store nothing
  }
}

function remember(here) {
  try {
    localStorage.setItem(REMEMBERED, here ? "yes" : "no");
  } catch {
    // Likewise: the choice then holds for this visit.
  }
}
