"""Moving a picture's own pixels: tracing positions through a velocity field, and sampling there.

Positions and velocities are (x, y), x to the right and y down, in pixels of the picture; the centre
of the first pixel is (0, 0) and the picture ends half a pixel beyond its outermost centres. All of
it is computed in float32: in bfloat16 a position of 60 pixels is known to a quarter of a pixel.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

BORDERS = {"mirror": "edge", "wrap": "wrap"}  # and how ``jnp.pad`` calls one pixel of it


def sample(
    picture: Float[Array, "b h w c"], positions: Float[Array, "b *n 2"], *, border: str = "mirror"
) -> Float[Array, "b *n c"]:
    """The picture's values at positions, bilinear between the centres of pixels.

    One gather of the four neighbours at once. Accelerators on which gathers are slow can have
    another form here: nothing else reads a picture at positions.

    Args:
      positions: anywhere, also outside.
      border: what is outside: ``mirror``: the picture reflected at its edges; ``wrap``: the picture
        again.

    Raises:
      ValueError: for another border.
    """
    if border not in BORDERS:
        raise ValueError(f'Unknown border "{border}". Known: {", ".join(BORDERS)}.')
    height, width, channels = picture.shape[1:]
    x, left = _split(positions[..., 0], width, border)
    y, top = _split(positions[..., 1], height, border)
    padded = jnp.pad(picture, ((0, 0), (1, 1), (1, 1), (0, 0)), mode=BORDERS[border])
    rows = (padded[:, :-1], padded[:, 1:])
    corners = jnp.concatenate([x for row in rows for x in (row[:, :, :-1], row[:, :, 1:])], axis=-1)
    corners = corners.reshape(len(picture), -1, 4 * channels)
    found = jax.vmap(lambda table, index: table[index])(corners, top * (width + 1) + left)
    a, b, c, d = jnp.split(found, 4, axis=-1)
    x, y = x[..., None], y[..., None]
    return (a * (1 - x) + b * x) * (1 - y) + (c * (1 - x) + d * x) * y


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
    """The share of the second of the two neighbours, and the first one's index in a padded line."""
    place = place.astype(jnp.float32)
    if border == "mirror":
        inside = jnp.mod(place + 0.5, 2 * length)
        place = jnp.minimum(inside, 2 * length - inside) - 0.5
    else:
        place = jnp.mod(place + 0.5, length) - 0.5
    first = jnp.clip(jnp.floor(place), -1, length - 1)
    return place - first, first.astype(jnp.int32) + 1
