// The layer of a photo that moves, complete, as ssagan_jax/animation/warping/layers.py has it.

import { REFLECT, REFLECT_101, blurred, extreme, lookedUp, lookup, mapped } from "./arrays.js";
import { ownPlaces } from "./cells.js";
import { mirrored, smoothed } from "./filling.js";
import { nearest } from "./motion.js";

const MARGIN = 0.0025; // of the long side: how far the blur of an outline reaches
const SURE = 250; // of 255
export const ISLAND = 0.1; // of the largest piece
const SOFT = 7; // cells: windows over which the mirror is smooth
const SMOOTH = 6; // cells: detail is what differs from means over this

/**
 * The photo (three channels) with what stands still filled in; alpha: what moves, 0 to 255; pieces of less than
 * `island` of the largest count as standing still.
 */
export function completed(photo, alpha, grid, island) {
  const surely = ownOf(alpha);
  const inside = insideOf(surely, alpha, grid, island);
  const own = withinCells(surely, inside);
  const colours = smoothed(grid.reduced(photo), inside, SMOOTH);
  const opposite = smoothMirror(inside);
  const seen = lookedUp(inside, opposite);
  const smooth = soft(seen).data;
  const known = grid.enlarged(mapped(seen, (x, i) => Math.min(x, smooth[i]))).data;
  const texture = grid.enlarged(lookedUp(colours, opposite)).data;
  const plain = grid.enlarged(colours).data;
  const places = grid.enlarged(mapped(opposite, (x) => (x + 0.5) * grid.step - 0.5)).data;
  const [look, colour] = [lookup(photo), new Float32Array(3)];
  const layer = Uint8ClampedArray.from(photo.data);
  for (let i = 0; i < own.length; i++) {
    const share = own[i] / 255;
    if (share === 1) continue;
    look(places[2 * i], places[2 * i + 1], colour);
    for (let c = 0; c < 3; c++) {
      const at = 3 * i + c;
      const filled = plain[at] + known[i] * (Math.round(colour[c]) - texture[at]);
      layer[at] = share * photo.data[at] + (1 - share) * filled; // rounds, and cuts off at 0 and 255
    }
  }
  return layer;
}

/** How much of the layer is the photo's: fades out within the margin inside of alpha. */
function ownOf(alpha) {
  const margin = Math.max(2, nearest(MARGIN * Math.max(alpha.width, alpha.height)));
  const sure = extreme(mapped(alpha, (x) => (x >= SURE ? 255 : 0)), 2 * margin + 1, -1);
  const wide = blurred(sure, margin, margin, REFLECT_101).data;
  return mapped(sure, (x, i) => Math.min(x, Math.max(0, 2 * Math.round(wide[i]) - 255)));
}

/** The cells that are the layer's own, 1 or 0; if there are none, those that are it most. Without islands. */
function insideOf(own, alpha, grid, island) {
  const most = ({ data }) => data.reduce((a, b) => Math.max(a, b), 0);
  let cells = grid.reduced(own);
  if (most(cells) < SURE) cells = grid.reduced(alpha);
  const least = Math.min(SURE, most(cells));
  const [labels, areas] = pieces(mapped(cells, (x) => (x >= least ? 1 : 0)));
  const largest = Math.max(...areas);
  return mapped(cells, (_, i) => (labels[i] && areas[labels[i] - 1] >= island * largest ? 1 : 0));
}

/** Connected pieces, by sides: labels from 1 (0: outside), and their areas. */
function pieces({ data, width }) {
  const labels = new Uint32Array(data.length);
  const areas = [];
  for (let first = 0; first < data.length; first++) {
    if (!data[first] || labels[first]) continue;
    const label = areas.push(0);
    const open = [first];
    labels[first] = label;
    while (open.length) {
      const i = open.pop();
      areas[label - 1]++;
      const x = i % width;
      for (const next of [x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i - width, i + width])
        if (data[next] && !labels[next]) {
          labels[next] = label;
          open.push(next);
        }
    }
  }
  return [labels, areas];
}

/** What is own within cells that are inside, and beside them. */
function withinCells(own, inside) {
  const near = extreme(inside, 3, 1);
  return Uint8Array.from(own.data, (x, i) => {
    const column = Math.floor(((i % own.width) * near.width) / own.width);
    const row = Math.floor((Math.floor(i / own.width) * near.height) / own.height);
    return near.data[row * near.width + column] ? x : 0;
  });
}

/** `mirrored` of a smoother edge, and smooth where neighbours come from far apart. */
function smoothMirror(inside) {
  const own = ownPlaces(inside.width, inside.height);
  const shift = mapped(mirrored(soft(inside)), (x, i) => x - own.data[i]);
  return mapped(soft(shift), (x, i) => own.data[i] + x);
}

const soft = (values) => blurred(blurred(values, SOFT, SOFT, REFLECT), SOFT, SOFT, REFLECT);
