"""The 2-D halves against NumPy."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.models.layers.image import ImageDecoder, ImageEncoder, widths
from tests.helpers import reference
from tests.helpers.stubs import quick_jit, variables

FRAME = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)
CODE = np.random.default_rng(1).normal(size=(2, 4, 4, 5)).astype(np.float32)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (32, (256, 512, 1024)),
        (64, (128, 256, 512, 1024)),
        (128, (64, 128, 256, 512, 1024)),
        (256, (32, 64, 128, 256, 512, 1024)),
    ],
)
def test_channels_halve_outwards_from_the_deepest(size, expected):
    assert widths(size, 128) == expected


def test_no_level_is_without_channels():
    assert widths(256, 1) == (1, 1, 1, 2, 4, 8)


def test_illegal_size():
    with pytest.raises(ValueError, match=r"size must be one of \(32, 64, 128, 256\), not 48\."):
        widths(48, 128)


def test_the_encoder_of_another_photo():
    with pytest.raises(ValueError, match=r"size must be one of .*, not 24\."):
        ImageEncoder(2).init(jax.random.key(0), jnp.zeros((1, 24, 24, 3)), train=True)


def louder(drawn):
    """Steep convolutions, so that what comes out is neither 0 nor its norms' biases alone."""
    return jax.tree_util.tree_map_with_path(
        lambda path, leaf: 5 * leaf if "kernel" in str(path) else leaf, drawn
    )


@pytest.mark.parametrize(("train", "fields"), [(True, dict(epsilon=0.1)), (False, dict(slope=0.2))])
def test_encoder_is_that_of_numpy(train, fields):
    module = ImageEncoder(2, **fields)
    drawn = louder(variables(module, FRAME))
    y, _ = quick_jit(partial(module.apply, train=train, mutable="batch_stats"))(
        drawn, jnp.asarray(FRAME)
    )
    expected = reference.image_encoder(drawn, FRAME, train=train, **fields)
    assert y.shape == (2, 4, 4, 16)
    assert y.std() > 0.05
    np.testing.assert_allclose(y, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("train", [True, False])
def test_decoder_is_that_of_numpy(train):
    module = ImageDecoder(32, 2)
    drawn = louder(variables(module, CODE))
    y, _ = quick_jit(partial(module.apply, train=train, mutable="batch_stats"))(
        drawn, jnp.asarray(CODE)
    )
    assert y.shape == (2, 32, 32, 3)
    assert y.std() > 0.05
    expected = reference.image_decoder(drawn, CODE, train=train)
    np.testing.assert_allclose(y, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("module", "example"),
    [(ImageEncoder(2, initializer="narrow"), FRAME), (ImageDecoder(32, 2, "narrow"), CODE)],
)
def test_initializer_reaches_every_convolution(module, example, monkeypatch):
    seen = []

    def record(initializer, **options):
        seen.append(initializer)
        return jax.nn.initializers.zeros

    monkeypatch.setattr("ssagan_jax.models.layers.conv.kernel_initializer", record)
    variables(module, example)
    assert seen == ["narrow"] * 3
