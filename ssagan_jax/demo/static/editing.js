// What moves is chosen or painted: by the buttons of the panel.

import { at, check, painting, say, tint } from "./page.js";

/** live: what is blown; seen(): {photo, signal}; hint: said when painting is over. */
export function editWhatMoves({ live, painter, seen, hint }) {
  at("edit").addEventListener("click", () => edit(live, seen(), hint));
  at("clear").addEventListener("click", () => (live.film ? live.forget() : painter.clear()));
  for (const radio of document.getElementsByName("moves"))
    // Not "change": once there is a clip, the same choice leads back to what was painted.
    radio.addEventListener("click", () => choose(radio.value));
}

export function choose(moves) {
  check("moves", moves);
  tint(moves === "painted");
  if (moves === "painted") say("Paint, then make the clip again.");
}

/** Painting begins, or ends: then what is behind what stands still is filled in anew. */
async function edit(live, { photo, signal }, hint) {
  const begins = !painting();
  tint(begins);
  if (begins) return say("What is tinted moves: paint more, or erase.");
  say(live.film ? hint : "");
  if (!live.film || !live.outdated) return;
  try {
    await live.refresh({ photo, signal });
  } catch (error) {
    if (error.name !== "AbortError" && !signal.aborted) say(error.message, true);
  }
}
