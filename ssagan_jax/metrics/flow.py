"""Dense optical flow: how many pixels things move from one frame to the next.

Lucas & Kanade 1981 ("An iterative image registration technique"), coarse to fine as
in Bouguet 2000 ("Pyramidal implementation of the Lucas Kanade feature tracker"), at
every pixel: inside a Gaussian window the motion is taken as one shift, which least
squares find from the gradients. It needs no pretrained weights and no download; as a
tracker it is modest, so use it to compare amounts of motion, not for single vectors.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ssagan_jax.ops.window import gaussian, same_mean

LEVELS = 3  # each level halves the size; shifts up to about 4 pixels are found
SMALLEST_SIDE = 8  # px; no level is smaller
ITERATIONS = 4  # least-squares steps per level
WINDOW_SIZE, WINDOW_SIGMA = 15, 3.0  # px
# Added to the mean squared gradients (grey in [0, 1] per pixel): where the frame is so
# flat that noise of one grey level would decide, the flow stays near 0.
REGULARISATION = 5e-6
GREY = (0.299, 0.587, 0.114)  # weights of R, G, B (ITU-R BT.601)


def optical_flow(
    first: Float[Array, "n h w"], second: Float[Array, "n h w"]
) -> Float[Array, "n h w 2"]:
    """Motion from the first to the second frame of each pair.

    Args:
      first: grey frames in [0, 1].
      second: the frames that follow, likewise.

    Returns:
      (dy, dx) in pixels: what is at (y, x) in ``first`` is at (y + dy, x + dx) in
      ``second``. Equal frames give exactly 0.
    """
    flow = jnp.zeros((*first.shape, 2), first.dtype)
    for height, width in reversed(_sizes(*first.shape[1:])):
        flow = _resized_flow(flow, height, width)
        flow = _refine(_resized(first, height, width), _resized(second, height, width), flow)
    return flow


def flow_magnitude(clip: Float[Array, "*b t h w 3"]) -> Float[Array, "*b"]:
    """Mean length of the flow between neighbouring frames, in pixels per frame.

    Args:
      clip: floats in [-1, 1], at least two frames.
    """
    length = jnp.sqrt(jnp.sum(jnp.square(_flow_between_frames(clip)), axis=-1))
    return jnp.mean(length.reshape(*clip.shape[:-4], -1), axis=-1)


def unexplained_change(clip: Float[Array, "*b t h w 3"]) -> Float[Array, "*b"]:
    """What the clip's own flow leaves of ``motion.flicker``, in grey levels (of 255).

    The mean absolute difference between each frame and the next one, moved back along the flow
    between the two: small beside the flicker where things move, larger where they fade (of a
    fade of texture, flow explains a part too). The warping error of Lai et al. 2018 is such a
    difference, squared, along another clip's flow.

    Args:
      clip: floats in [-1, 1], at least two frames.
    """
    colours = jnp.moveaxis(clip, -1, 0)
    first, second = (x.reshape(3, -1, *clip.shape[-3:-1]) for x in _neighbours(colours))
    moved = jax.vmap(_warped, in_axes=(0, None))(second, _flow_between_frames(clip))
    change = jnp.moveaxis(jnp.abs(first - moved), 0, -1)
    return 127.5 * jnp.mean(change.reshape(*clip.shape[:-4], -1), axis=-1)


def _flow_between_frames(clip: Float[Array, "*b t h w 3"]) -> Float[Array, "n h w 2"]:
    """The flow of all pairs of neighbouring frames, one after the other."""
    grey = jnp.einsum("...c,c->...", (clip + 1) / 2, jnp.asarray(GREY), precision="highest")
    return optical_flow(*(x.reshape(-1, *grey.shape[-2:]) for x in _neighbours(grey)))


def _neighbours(frames: Float[Array, "*b t h w"]) -> tuple[Array, Array]:
    return frames[..., :-1, :, :], frames[..., 1:, :, :]


def _sizes(height: int, width: int) -> list[tuple[int, int]]:
    """Sizes of the pyramid, fine to coarse."""
    sizes = [(height >> level, width >> level) for level in range(LEVELS)]
    return sizes[:1] + [size for size in sizes[1:] if min(size) >= SMALLEST_SIDE]


def _resized(frames: Float[Array, "n h w"], height: int, width: int) -> Float[Array, "n h2 w2"]:
    return jax.image.resize(frames, (len(frames), height, width), "linear", antialias=True)


def _resized_flow(
    flow: Float[Array, "n h w 2"], height: int, width: int
) -> Float[Array, "n h2 w2 2"]:
    """The flow at another size; it is measured in pixels, so it grows with the frame."""
    growth = jnp.asarray((height / flow.shape[1], width / flow.shape[2]), flow.dtype)
    return growth * jax.image.resize(flow, (len(flow), height, width, 2), "linear")


def _refine(
    first: Float[Array, "n h w"], second: Float[Array, "n h w"], flow: Float[Array, "n h w 2"]
) -> Float[Array, "n h w 2"]:
    """Solves for the flow of each window, around the pixels' own flow so far.

    Each pixel's error is linearised at its own flow and the window's flow is solved
    for as a whole (Le Besnerais & Champagnat 2005, as scikit-image's
    ``optical_flow_ilk``): adding up increments instead diverges.
    """

    def step(_, flow):
        warped = _warped(second, flow)
        dy, dx = jnp.gradient(warped, axis=(1, 2))
        target = first - warped + dy * flow[..., 0] + dx * flow[..., 1]
        yy = _window(dy * dy) + REGULARISATION
        xx = _window(dx * dx) + REGULARISATION
        xy = _window(dx * dy)
        y, x = _window(target * dy), _window(target * dx)
        solution = jnp.stack((xx * y - xy * x, yy * x - xy * y), axis=-1)
        return solution / (yy * xx - xy * xy)[..., None]

    return jax.lax.fori_loop(0, ITERATIONS, step, flow)


def _warped(frames: Float[Array, "n h w"], flow: Float[Array, "n h w 2"]) -> Float[Array, "n h w"]:
    """``frames`` read at (y + dy, x + dx), linearly between pixels, clamped at the borders."""
    grid = jnp.stack(jnp.indices(frames.shape[1:], dtype=flow.dtype), axis=-1)
    points = jnp.moveaxis(grid + flow, -1, 1)

    def read(frame, point):
        return jax.scipy.ndimage.map_coordinates(frame, tuple(point), order=1, mode="nearest")

    return jax.vmap(read)(frames, points)


def _window(image: Float[Array, "n h w"]) -> Float[Array, "n h w"]:
    return same_mean(image, gaussian(WINDOW_SIZE, sigma=WINDOW_SIGMA))


RATIO = {"flow_ratio": flow_magnitude}
MEAN = {"unexplained_change": unexplained_change}
SETTINGS = {
    "flow": {
        "method": "pyramidal Lucas-Kanade",
        "levels": LEVELS,
        "smallest_side": SMALLEST_SIDE,
        "iterations": ITERATIONS,
        "window_size": WINDOW_SIZE,
        "window_sigma": WINDOW_SIGMA,
        "regularisation": REGULARISATION,
    }
}
