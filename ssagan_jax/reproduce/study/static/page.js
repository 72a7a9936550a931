// What several files look at on the page, and change there.

export const at = (id) => document.getElementById(id);
export const become = (state) => (document.body.dataset.state = state);
export const is = (state) => document.body.dataset.state === state;
export const complain = (text) => (at("status").textContent = text);

/** Paragraphs and headings (`# ...`) of a text; whatever else is in it stays text. */
export function write(element, text) {
  const parts = text.split(/\n\s*\n/).map((part) => {
    const heading = part.match(/^#+ (.*)/);
    const made = document.createElement(heading ? "h2" : "p");
    made.textContent = heading ? heading[1] : part;
    return made;
  });
  element.replaceChildren(...parts);
}

/** How far a rater is. */
export function tell(done, all) {
  [at("progress").max, at("progress").value] = [all, done];
  at("count").textContent = done < all ? `Pair ${done + 1} of ${all}` : `All ${all} pairs`;
}

/** A code as people read it: ABCD EFGH; and as it is. */
export const spaced = (code) => `${code.slice(0, 4)} ${code.slice(4)}`;
export const plain = (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, "");
