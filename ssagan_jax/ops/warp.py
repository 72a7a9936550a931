"""Moving a picture's own pixels: tracing positions through a velocity field, and sampling there.

Positions and velocities are (x, y), x to the right and y down, in pixels of the picture; the centre
of the first pixel is (0, 0) and the picture ends half a pixel beyond its outermost centres. All of
it is computed in float32: in bfloat16 a position of 60 pixels is known to a quarter of a pixel.
"""

import functools

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

BORDERS = {"mirror": "symmetric", "wrap": "wrap"}  # and how ``jnp.pad`` calls them


def sample(
    picture: Float[Array, "b h w c"],
    positions: Float[Array, "b *n 2"],
    *,
    kernel: str = "linear",
    border: str = "mirror",
) -> Float[Array, "b *n c"]:
    """The picture's values at positions between the centres of its pixels.

    One gather of all neighbours at once. Accelerators on which gathers are slow can have another
    form here: nothing else reads a picture at positions.

    Args:
      positions: anywhere, also outside.
      kernel: ``linear``; ``cubic``: of four pixels along each axis, which keeps more of the detail
        (Catmull & Rom 1974; Keys 1981 with a = -1/2), and may overshoot.
      border: what is outside: ``mirror``: the picture reflected at its edges; ``wrap``: the picture
        again.

    Raises:
      ValueError: for another kernel or border.
    """
    for name, value, known in (("kernel", kernel, KERNELS), ("border", border, BORDERS)):
        if value not in known:
            raise ValueError(f'Unknown {name} "{value}". Known: {", ".join(known)}.')
    taps, weights = KERNELS[kernel]
    batch, height, width, channels = picture.shape
    places = positions.reshape(batch, -1, 2)
    x, left = _split(places[..., 0], width, border)
    y, top = _split(places[..., 1], height, border)
    beyond = [(0, 0), (taps // 2, taps // 2), (taps // 2, taps // 2), (0, 0)]
    padded = jnp.pad(picture, beyond, mode=BORDERS[border])
    shifts = [
        padded[:, down : down + height + 1, right : right + width + 1]
        for down in range(taps)
        for right in range(taps)
    ]
    table = jnp.concatenate(shifts, axis=-1).reshape(batch, -1, taps**2 * channels)
    found = jax.vmap(lambda rows, index: rows[index])(table, top * (width + 1) + left)
    product = functools.partial(jnp.matmul, precision="highest")
    rows = product(weights(y).reshape(-1, 1, taps), found.reshape(-1, taps, taps * channels))
    values = product(weights(x).reshape(-1, 1, taps), rows.reshape(-1, taps, channels))
    return values.reshape(*positions.shape[:-1], channels)


def trace(
    velocity: Float[Array, "b h w 2"], *, frames: int, border: str = "mirror"
) -> Float[Array, "b t h w 2"]:
    """Where each frame's pixels come from: traced backwards through a field that stays the same.

    ``p_0 = x`` and ``p_t = p_{t-1} - v(p_{t-1})``: what moves into a still region's pixels is the
    still region itself, so nothing is pulled out of it.

    Args:
      velocity: the motion of the content, pixels per frame.
      frames: t, of the result, the first of which has every pixel in its place.
      border: of the field, as in ``sample``.
    """
    velocity = velocity.astype(jnp.float32)
    start = jnp.broadcast_to(grid(*velocity.shape[1:3]), velocity.shape)

    def step(positions, _):
        moved = positions - sample(velocity, positions, border=border)
        return moved, moved

    _, later = jax.lax.scan(step, start, length=frames - 1)
    return jnp.moveaxis(jnp.concatenate([start[None], later]), 0, 1)


def grid(height: int, width: int) -> Float[Array, "h w 2"]:
    """The positions of a picture's own pixels."""
    x, y = jnp.meshgrid(jnp.arange(width, dtype=jnp.float32), jnp.arange(height, dtype=jnp.float32))
    return jnp.stack([x, y], axis=-1)


def average_cells(field: Float[Array, "*b h w c"], *, cell: int) -> Float[Array, "*b h2 w2 c"]:
    """Means over cells of ``cell`` pixels a side.

    Raises:
      ValueError: if the cells do not fill the field.
    """
    *lead, height, width, channels = field.shape
    if height % cell or width % cell:
        raise ValueError(f"Cells of {cell} pixels do not fill a field of {width} x {height}.")
    cells = field.reshape(*lead, height // cell, cell, width // cell, cell, channels)
    return cells.mean(axis=(-4, -2))


def enlarge_field(
    field: Float[Array, "*b h w c"], *, height: int, width: int
) -> Float[Array, "*b h2 w2 c"]:
    """A field at another size, bilinear; half-pixel centres, the border's values beyond."""
    shape = (*field.shape[:-3], height, width, field.shape[-1])
    return jax.image.resize(field, shape, "linear")


def _split(
    place: Float[Array, "*n"], length: int, border: str
) -> tuple[Float[Array, "*n"], Int[Array, "*n"]]:
    """How far a place is beyond the pixel before it, and that pixel's index, counted from -1."""
    place = place.astype(jnp.float32)
    if border == "mirror":
        inside = jnp.mod(place + 0.5, 2 * length)
        place = jnp.minimum(inside, 2 * length - inside) - 0.5
    else:
        place = jnp.mod(place + 0.5, length) - 0.5
    first = jnp.clip(jnp.floor(place), -1, length - 1)
    return place - first, first.astype(jnp.int32) + 1


def _linear(x: Float[Array, "*n"]) -> Float[Array, "*n 2"]:
    return jnp.stack([1 - x, x], axis=-1)


def _cubic(x: Float[Array, "*n"]) -> Float[Array, "*n 4"]:
    one = ((2 - x) * x - 1) * x / 2  # of the pixel one further away on this side
    two = ((3 * x - 5) * x * x + 2) / 2
    three = ((4 - 3 * x) * x + 1) * x / 2
    four = (x - 1) * x * x / 2
    return jnp.stack([one, two, three, four], axis=-1)


KERNELS = {"linear": (2, _linear), "cubic": (4, _cubic)}  # pixels along an axis, their weights
