"""The discriminator: the paper's sizes, and its values against one written in NumPy."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax import models
from ssagan_jax.layers.pyramid import FRAMES, SIZES
from ssagan_jax.models.mdgan import Discriminator
from tests import reference
from tests.stubs import count, quick_jit, variables

TINY = dict(size=32, frames=8, features=2)


def outputs(batch_size=1, **fields):
    """Scores and features of a discriminator, and its variables, without values."""
    module = Discriminator(**fields)
    shape = (batch_size, module.frames, module.size, module.size, 3)

    def init(clip):
        judged, drawn = module.init_with_output(jax.random.key(0), clip, train=True)
        return judged.logits, judged.features, drawn

    return jax.eval_shape(init, jax.ShapeDtypeStruct(shape, jnp.float32))


def test_table_of_the_paper():
    logits, features, drawn = outputs(batch_size=2)
    assert count(drawn["params"]) == 11_164_032
    assert logits.shape == (2, 1)
    assert [f.shape[1:] for f in features] == [
        (32, 64, 64, 32),
        (16, 32, 32, 64),
        (8, 16, 16, 128),
        (4, 8, 8, 256),
        (2, 4, 4, 512),
    ]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("frames", FRAMES)
def test_every_size_and_number_of_frames_gives_one_score(size, frames):
    logits, _, _ = outputs(size=size, frames=frames, features=4)
    assert logits.shape == (1, 1)


def judge(drawn, clip, *, train, norm="batch", spectral_norm=True, last_slope=0.2, sigmoid=False):
    """The discriminator of 32 x 32 x 8 clips (three levels) from its table."""
    params, features, x = drawn["params"], [], clip

    def conv(layer, vectors, x, kernel, strides, padding=(1, 1, 1)):
        weights = layer["kernel"]
        assert weights.shape[:3] == kernel
        if spectral_norm:
            found = vectors["SpectralNorm_0"]
            weights, *_ = reference.spectral_norm(weights, **found, axis=4, iterations=int(train))
        return reference.conv3d(x, weights, strides=strides, padding=padding)

    spectral = drawn.get("spectral", {name: {"Conv_0": None} for name in params})
    levels = [((3, 4, 4), (1, 2, 2)), ((4, 4, 4), (2, 2, 2)), ((4, 4, 4), (2, 2, 2))]
    for number, level in enumerate(levels, 1):
        name = f"down{number}"
        x = conv(params[name]["Conv_0"], spectral[name]["Conv_0"], x, *level)
        if number > 1 and norm == "batch":
            running = {} if train else drawn["batch_stats"][name]["BatchNorm_0"]
            x = reference.batch_norm(x, **params[name]["BatchNorm_0"], **running)
        elif number > 1 and norm != "none":
            axes = (1, 2, 3) if norm == "instance" else (1, 2, 3, 4)
            x = x - x.mean(axes, keepdims=True)
            x = x / np.sqrt(x.var(axes, keepdims=True) + 1e-5)
            affine = params[name]["SampleNorm_0"]
            x = x * affine["scale"] + affine["bias"]
        x = reference.leaky_relu(x, last_slope if number == 3 else 0.2)
        features.append(x)
    logits = conv(params["output"], spectral["output"], x, (2, 4, 4), (1, 1, 1), (0, 0, 0))
    logits = logits.reshape(len(clip), -1)
    return reference.sigmoid(logits) if sigmoid else logits, features


@pytest.mark.parametrize(
    ("train", "fields"),
    [
        (True, dict(sigmoid=True)),
        (False, dict(last_slope=0.01)),
        (False, dict(norm="instance", spectral_norm=False)),
        (True, dict(norm="layer")),
        (True, dict(norm="none", last_slope=0.5)),
    ],
)
def test_values_are_those_of_the_same_network_in_numpy(train, fields):
    module = Discriminator(**TINY, **fields)
    clip = np.random.default_rng(1).uniform(-1, 1, (2, 8, 32, 32, 3)).astype(np.float32)
    drawn = variables(module, clip)
    run = partial(module.apply, train=train, mutable=["batch_stats", "spectral"])
    judged, _ = quick_jit(run)(drawn, jnp.asarray(clip))
    logits, features = judge(drawn, clip, train=train, **fields)
    np.testing.assert_allclose(judged.logits, logits, rtol=1e-3, atol=1e-5)
    for found, expected in zip(judged.features, features, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("norm", ["batch", "instance", "layer", "none"])
def test_norm_and_spectral_norm_decide_what_is_kept(norm):
    _, _, drawn = outputs(**TINY, norm=norm, spectral_norm=norm != "none")
    assert ("batch_stats" in drawn) == (norm == "batch")
    assert ("spectral" in drawn) == (norm != "none")
    assert ("SampleNorm_0" in drawn["params"]["down2"]) == (norm in ("instance", "layer"))
    assert list(drawn["params"]["down1"]) == ["Conv_0"]  # the first level has no norm


def test_initializer_reaches_every_convolution(monkeypatch):
    seen = []

    def record(initializer, **options):
        seen.append(initializer)
        return jax.nn.initializers.zeros

    monkeypatch.setattr("ssagan_jax.layers.conv.kernel_initializer", record)
    outputs(**TINY, initializer="author")
    assert seen == ["author"] * 4


def test_illegal_values_are_refused_when_the_model_is_made():
    with pytest.raises(ValueError, match=r'Unknown norm "group"\. Known: batch, instance'):
        models.discriminator("mdgan", norm="group")
    with pytest.raises(ValueError, match=r"frames must be one of .*, not 16000"):
        models.discriminator("mdgan", frames=16000)


def test_a_clip_of_another_shape():
    with pytest.raises(ValueError, match=r"clips of \(8, 32, 32\), not \(16, 32, 32\)"):
        Discriminator(**TINY).init(jax.random.key(0), jnp.zeros((1, 16, 32, 32, 3)), train=True)
