// When the photo comes back, as ssagan_jax/animation/warping/phases.py has it, for a clip without an end.

const PERIOD_REACH = 0.15; // of what moves: how far its content travels in one period
const LEAST_PERIOD = 8; // frames
export const FPS = 25; // of clips that are saved; what plays here moves as fast

/** Frames between two times the photo is itself. travel: a frame, as a share of what moves. */
export const periodOf = (travel, speed) => Math.max(LEAST_PERIOD, PERIOD_REACH / Math.max(travel * speed, 1e-9));

/** The time in the change of light, of `frames`: it goes to and fro. */
export function lightAt(time, frames) {
  const last = frames - 1;
  return last ? last - Math.abs(last - (time % (2 * last))) : 0;
}

/** The same in a loop of so many frames: there, as far as it comes, and back once. */
export function loopedLight(number, loop, speed, frames) {
  const there = Math.min(frames - 1, (loop * speed) / 2);
  return there * (1 - Math.abs(1 - (2 * number) / loop));
}

/**
 * How fast things move: {travel, fastest}, as a share of what moves and in cells, a frame.
 * motion: [rows, columns, 3] of a scene; share: [rows, columns], how much of each moves; wind: in cells.
 */
export function paceOf(motion, share, { columns, rows }, wind) {
  const across = new Float32Array(rows);
  const down = new Float32Array(columns);
  for (let i = 0; i < share.length; i++) {
    across[Math.floor(i / columns)] += share[i];
    down[i % columns] += share[i];
  }
  const extent = [Math.max(...across), Math.max(...down)];
  const paces = [];
  let fastest = 0;
  for (let y = 0; y < rows; y += 4)
    for (let x = 0; x < columns; x += 4) {
      const i = y * columns + x;
      const [m, right, below] = motion.subarray(3 * i, 3 * i + 3);
      const velocity = [m * wind[0] + right, m * wind[1] + below];
      fastest = Math.max(fastest, Math.hypot(...velocity));
      if (share[i] > 0.5) paces.push(Math.hypot(velocity[0] / extent[0], velocity[1] / extent[1]));
    }
  paces.sort((a, b) => a - b);
  return { travel: paces[Math.floor(0.9 * (paces.length - 1))] ?? 0, fastest };
}
