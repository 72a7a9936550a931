import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.ops import warp
from tests.helpers.stubs import quick_jit

RNG = np.random.default_rng(0)
sample = quick_jit(warp.sample, static_argnames=("border", "kernel"))
trace = quick_jit(warp.trace, static_argnames=("frames", "border"))


def picture(size=8, channels=3):
    return RNG.standard_normal((2, size, size, channels)).astype(np.float32)


def grid(size):
    return np.asarray(quick_jit(warp.grid, static_argnums=(0, 1))(size, size))


def smooth(size):
    """A picture whose bilinear interpolation is nearly exact."""
    x, y = np.meshgrid(np.arange(size), np.arange(size))
    wave = np.sin(2 * np.pi * x / size) + np.cos(2 * np.pi * y / size)
    return wave[None, :, :, None].astype(np.float32)


def constant(size, x, y):
    return np.broadcast_to(np.array([x, y], np.float32), (2, size, size, 2))


@pytest.mark.parametrize("kernel", warp.KERNELS)
def test_sampling_at_the_pixels_own_positions_gives_the_picture(kernel):
    x = picture()
    positions = np.broadcast_to(grid(8), (2, 8, 8, 2))
    np.testing.assert_array_equal(sample(x, positions, kernel=kernel), x)


def test_the_cubic_kernel_is_exact_for_parabolas_and_sharper_than_the_linear_one():
    line = np.arange(8, dtype=np.float32)
    parabola = np.broadcast_to((line**2)[None, None, :, None], (1, 8, 8, 1))
    at = np.array([[[3.25, 4.0], [2.9, 1.5]]], np.float32)
    np.testing.assert_allclose(
        sample(parabola, at, kernel="cubic")[0, :, 0], at[0, :, 0] ** 2, rtol=1e-5
    )
    x = picture(16)
    halves = np.broadcast_to(grid(16) + 0.5, (2, 16, 16, 2))
    spread = {kernel: float(sample(x, halves, kernel=kernel).std()) for kernel in warp.KERNELS}
    assert spread["linear"] < 0.6 < spread["cubic"] < 1.0


def test_between_two_pixels_is_their_weighted_mean():
    x = picture()
    found = sample(x, np.broadcast_to(np.float32([2.25, 3.0]), (2, 1, 2)))[:, 0]
    np.testing.assert_allclose(found, 0.75 * x[:, 3, 2] + 0.25 * x[:, 3, 3], atol=1e-6)


@pytest.mark.parametrize("kernel", warp.KERNELS)
@pytest.mark.parametrize("border, mode", [("mirror", "symmetric"), ("wrap", "wrap")])
def test_outside_the_picture_goes_on_as_the_border_says(border, mode, kernel):
    x = picture()
    padded = np.pad(np.asarray(x), ((0, 0), (20, 20), (20, 20), (0, 0)), mode=mode)
    outside = grid(48) - 20.0
    everywhere = np.broadcast_to(outside, (2, 48, 48, 2))
    found = sample(x, everywhere, border=border, kernel=kernel)
    np.testing.assert_array_equal(found, padded)


@pytest.mark.parametrize("kernel", warp.KERNELS)
def test_the_mirror_stands_half_a_pixel_beyond_the_outermost_centres(kernel):
    x = picture()
    apart = np.array([0.3, 1.7], np.float32)
    points = [np.stack([-0.5 + sign * apart, np.full_like(apart, 4)], -1) for sign in (-1, 1)]
    below, above = (sample(x, np.broadcast_to(p, (2, 2, 2)), kernel=kernel) for p in points)
    np.testing.assert_allclose(below, above, atol=1e-5)


def test_an_unknown_kernel_or_border_is_an_error():
    with pytest.raises(ValueError, match='Unknown kernel "lanczos"'):
        sample(picture(), np.zeros((2, 1, 2), np.float32), kernel="lanczos")
    with pytest.raises(ValueError, match='Unknown border "zeros"'):
        sample(picture(), np.zeros((2, 1, 2), np.float32), border="zeros")


def test_a_constant_field_on_a_periodic_picture_is_a_roll():
    x = picture()
    positions = trace(constant(8, 1.0, -2.0), frames=5, border="wrap")
    for t in range(5):
        rolled = np.roll(x, (-2 * t, t), axis=(1, 2))
        np.testing.assert_allclose(sample(x, positions[:, t], border="wrap"), rolled, atol=1e-5)


def test_a_rotation_is_back_after_a_full_turn():
    size, turn = 32, 64  # frames of a full turn
    centred = grid(size) - (size - 1) / 2
    velocity = 2 * np.pi / turn * np.stack([-centred[..., 1], centred[..., 0]], -1)
    positions = trace(velocity[None], frames=turn + 1)
    inner = np.hypot(*np.moveaxis(np.asarray(centred), -1, 0)) < 6
    # Steps along the tangent spiral outwards: each by 1 + (2 pi / 64)^2 / 2, 1.36 after 64.
    start, end = (np.asarray(positions[0, t] - (size - 1) / 2)[inner] for t in (0, turn))
    radius, before = np.hypot(*end.T), np.hypot(*start.T)
    np.testing.assert_allclose(
        radius / before, (1 + (2 * np.pi / turn) ** 2) ** (turn / 2), rtol=1e-3
    )
    # A step's tangent turns by atan(x) = x - x^3 / 3: 1.2 degrees are missing after 64.
    angles = np.angle((end[:, 0] + 1j * end[:, 1]) / (start[:, 0] + 1j * start[:, 1]), deg=True)
    np.testing.assert_allclose(
        angles, 360 / (2 * np.pi) * turn * (2 * np.pi / turn) ** 3 / 3, atol=0.1
    )


def test_tracing_stops_at_what_is_still():
    velocity = constant(8, 1.0, 0.0).copy()
    velocity[:, :, :4] = 0.0  # moves to the right of the middle
    positions = trace(velocity, frames=8)
    assert float(positions[..., 0].min()) >= 0.0
    np.testing.assert_array_equal(
        positions[:, :, :, :4], np.broadcast_to(grid(8)[:, :4], (2, 8, 8, 4, 2))
    )
    assert float(positions[:, -1, :, 4:, 0].min()) >= 3.0  # never past the still region's edge


@pytest.mark.parametrize("of", ["picture", "positions", "positions, cubic", "velocity"])
def test_gradients_are_those_of_finite_differences(of):
    x, start = smooth(8), RNG.uniform(0.6, 6.4, (1, 5, 2)).astype(np.float32)
    start = np.floor(start) + np.clip(start - np.floor(start), 0.2, 0.8)  # where it is smooth
    velocity = 0.3 + 0.1 * RNG.standard_normal((1, 8, 8, 2)).astype(np.float32)
    x, start, velocity = map(jnp.asarray, (x, start, velocity))
    functions = {
        "picture": (lambda p: warp.sample(p, start), x),
        "positions": (lambda p: warp.sample(x, p), start),
        "positions, cubic": (lambda p: warp.sample(x, p, kernel="cubic"), start),
        "velocity": (lambda v: warp.trace(v, frames=2)[:, -1], velocity),
    }
    function, at = functions[of]
    weights = RNG.standard_normal(jax.eval_shape(function, at).shape).astype(np.float32)
    direction = RNG.standard_normal(at.shape).astype(np.float32)

    @quick_jit
    @jax.value_and_grad
    def loss_and_gradient(a):
        return jnp.sum(weights * function(a))

    step = np.float32(1e-2)
    above, below = (loss_and_gradient(at + sign * step * direction)[0] for sign in (1, -1))
    difference = (above - below) / (2 * step)
    slope = np.vdot(loss_and_gradient(at)[1], direction)
    np.testing.assert_allclose(slope, difference, rtol=1e-2)


def test_positions_are_float32_whatever_the_velocity_is():
    positions = trace(constant(8, 0.01, 0.0).astype(jnp.bfloat16), frames=3)
    assert positions.dtype == np.float32
    np.testing.assert_allclose(positions[0, 2, 0, 7, 0], 7 - 0.02, atol=1e-4)


def test_each_clip_of_a_batch_is_by_itself():
    x, velocity = picture(), RNG.standard_normal((2, 8, 8, 2)).astype(np.float32)
    both = sample(x, trace(velocity, frames=3))
    alone = [sample(x[i : i + 1], trace(velocity[i : i + 1], frames=3)) for i in (0, 1)]
    np.testing.assert_allclose(both, np.concatenate(alone), atol=1e-6)


def test_cells_are_averaged_and_enlarged_again():
    field = np.repeat(np.repeat(picture(2), 4, axis=1), 4, axis=2)
    cells = quick_jit(warp.average_cells, static_argnames="cell")(field, cell=4)
    np.testing.assert_allclose(cells, field[:, ::4, ::4], atol=1e-6)
    enlarge = quick_jit(warp.enlarge_field, static_argnames=("height", "width"))
    enlarged = np.asarray(enlarge(cells, height=8, width=8))
    np.testing.assert_allclose(enlarged[:, 0, 0], cells[:, 0, 0], atol=1e-6)  # beyond the centres
    np.testing.assert_allclose(enlarged.mean((1, 2)), cells.mean((1, 2)), atol=1e-5)


def test_cells_that_do_not_fill_the_field_are_an_error():
    with pytest.raises(ValueError, match="Cells of 3 pixels do not fill a field of 8 x 8"):
        warp.average_cells(jnp.asarray(picture()), cell=3)
