// Which frames of the model's one window a frame of the loop is made of, as ssagan_jax/animation/motion.py has
// it: copies of the window stand evenly on a circle and fade into each other.

/**
 * A function from the number of a frame to [[frame of the window, its share], ...].
 * frames: of the loop; speed: of the motion; window: how many frames the window has.
 */
export function loop({ frames, speed, window }) {
  const period = Math.max(1, nearest(frames * speed));
  const circle = around(period, window);
  return (number) => {
    const time = (number * period) / frames;
    const before = Math.floor(time);
    const share = time - before;
    if (share === 0) return circle(before);
    const after = circle(before + 1).map(([frame, part]) => [frame, part * share]);
    return [...circle(before).map(([frame, part]) => [frame, part * (1 - share)]), ...after];
  };
}

function around(period, window) {
  const longest = Math.floor(window / 2) - 1;
  const count = Math.ceil(period / (window - longest));
  const overlap = Math.min(longest, Math.floor(period / count));
  const starts = Array.from({ length: count + 1 }, (_, i) => nearest((i * period) / count));
  return (place) => {
    const turned = (place + overlap) % period; // it begins where the first window is alone
    const number = starts.findLastIndex((start) => start <= turned);
    const frame = turned - starts[number];
    if (frame >= overlap) return [[frame, 1]];
    const weight = 0.5 - 0.5 * Math.cos((Math.PI * (frame + 1)) / (overlap + 1));
    const previous = (number + count - 1) % count;
    const length = starts[previous + 1] - starts[previous];
    return [[frame, weight], [frame + length, 1 - weight]];
  };
}

/** Halves go to the even number, as in Python. */
export function nearest(x) {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}
