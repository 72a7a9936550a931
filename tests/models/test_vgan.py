"""VGAN: the published layers, and its values against NumPy."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax import models
from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.models.vgan import Discriminator, Generator, levels
from ssagan_jax.training.from_config import build_gan
from tests.helpers import reference
from tests.helpers.sizes import PAIRS
from tests.helpers.stubs import count, leaves, one_step, quick_jit, variables

TINY = dict(size=32, frames=8, features=2)
FRAME = np.random.default_rng(1).uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)
CLIP = np.random.default_rng(2).uniform(-1, 1, (2, 8, 32, 32, 3)).astype(np.float32)
SPACE = ((3, 4, 4), (1, 2, 2), (1, 1, 1))
BOTH = ((4, 4, 4), (2, 2, 2), (1, 1, 1))


def outputs(module, example):
    """What a network returns, as a tuple, and its variables, without values."""

    def init(example):
        returned, drawn = module.init_with_output(jax.random.key(0), example, train=True)
        return tuple(vars(returned).values()), drawn

    return jax.eval_shape(init, jax.ShapeDtypeStruct(example, jnp.float32))


def generated(batch_size=1, **fields):
    """Clip, extras and variables of a generator, without values."""
    module = Generator(**fields)
    (clip, extras), drawn = outputs(module, (batch_size, module.size, module.size, 3))
    return clip, extras, drawn


def judged(batch_size=1, **fields):
    """Logits, features and variables of a discriminator, without values."""
    module = Discriminator(**fields)
    size = module.size
    (logits, features), drawn = outputs(module, (batch_size, module.frames, size, size, 3))
    return logits, features, drawn


def test_parameters_of_the_published_generator():
    _, _, drawn = generated(size=64)
    found = {name: count(tree) for name, tree in drawn["params"].items()}
    up, lift = found["up1"] + found["up2"] + found["up3"], found["lift"]
    kernels = 3 * 128 * 16 + 128 * 256 * 16 + 256 * 512 * 16 + 512 * 1024 * 16
    assert found["encoder"] == kernels + 128 + 2 * (256 + 512 + 1024)
    assert found["background"] == kernels + 2 * (512 + 256 + 128) + 3
    assert lift == 1024 * 1024 * 2 + 2 * 1024
    doubling = 1024 * 512 * 64 + 512 * 256 * 64 + 256 * 128 * 64
    assert up == doubling + 2 * (512 + 256 + 128)
    assert found["heads"] == 128 * 3 * 64 + 3 + 128 * 1 * 64 + 1
    total = count(drawn["params"])
    assert total == sum(found.values()) == 68_211_847
    assert round(total / 1e6, 1) == 68.2
    # With the Torch code's biases in front of batch norms as well:
    assert round((total + 1792 + 896 + 1024 + 896) / 1e6, 1) == 68.2


def test_parameters_of_the_published_discriminator():
    _, _, drawn = judged(size=64)
    kernels = 3 * 128 * 64 + 128 * 256 * 64 + 256 * 512 * 64 + 512 * 1024 * 64
    norms, output = 2 * (256 + 512 + 1024), 1024 * 2 * 4 * 4 * 2 + 2
    total = count(drawn["params"])
    assert total == kernels + 128 + norms + output == 44_134_018
    assert round(total / 1e6, 1) == round((total + 256 + 512 + 1024) / 1e6, 1) == 44.1


def test_published_shapes():
    clip, extras, _ = generated(size=64, batch_size=2)
    assert clip.shape == (2, 32, 64, 64, 3)
    assert {name: extra.shape for name, extra in extras.items()} == {
        "mask": (2, 32, 64, 64, 1),
        "foreground": (2, 32, 64, 64, 3),
        "background": (2, 64, 64, 3),
    }
    logits, features, _ = judged(size=64, batch_size=2)
    assert logits.shape == (2, 1)
    assert [f.shape[1:] for f in features] == [
        (16, 32, 32, 128),
        (8, 16, 16, 256),
        (4, 8, 8, 512),
        (2, 4, 4, 1024),
    ]


@pytest.mark.parametrize(("size", "frames"), PAIRS)
def test_every_size_and_number_of_frames(size, frames):
    fields = dict(size=size, frames=frames, features=4)
    clip, extras, _ = generated(**fields)
    assert clip.shape == (1, frames, size, size, 3)
    assert extras["mask"].shape == (1, frames, size, size, 1)
    logits, features, _ = judged(**fields)
    assert logits.shape == (1, 1)
    assert features[-1].shape[2:] == (4, 4, 32)


@pytest.mark.parametrize(
    ("size", "frames", "expected"),
    [
        (64, 32, [BOTH] * 4),
        (128, 32, [SPACE] + [BOTH] * 4),
        (32, 8, [SPACE] + [BOTH] * 2),
        (32, 16, [BOTH] * 3),
        (64, 64, [BOTH] * 4),  # four frames are left
    ],
)
def test_the_deepest_levels_halve_time(size, frames, expected):
    assert [level.convolution for level in levels(size, frames, 4)] == expected


def generate(drawn, frame, *, train):
    """The generator of 8 frames of 32 x 32 pixels."""
    encoder, background = reference.part(drawn, "encoder"), reference.part(drawn, "background")
    code = reference.image_encoder(encoder, frame, train=train, epsilon=1e-3)
    still = np.tanh(reference.image_decoder(background, code, train=train))
    up = partial(reference.block, train=train, slope=0.0, transpose=True)
    x = up(reference.part(drawn, "lift"), code[:, None], ((2, 1, 1), (1, 1, 1), (0, 0, 0)))
    x = up(reference.part(drawn, "up1"), x, BOTH)
    x = up(reference.part(drawn, "up2"), x, BOTH)
    kernel, bias = (drawn["params"]["heads"][name] for name in ("kernel", "bias"))
    assert kernel.shape == (*SPACE[0], 4, 4)
    heads = reference.conv3d_transpose(x, kernel, strides=SPACE[1], padding=SPACE[2]) + bias
    foreground, mask = np.tanh(heads[..., :3]), reference.sigmoid(heads[..., 3:])
    return still, foreground, mask


def louder(drawn):
    """Steep convolutions: masks between 0 and 1, pictures that are not grey."""
    return jax.tree_util.tree_map_with_path(
        lambda path, leaf: 10 * leaf if "kernel" in str(path) else leaf, drawn
    )


@pytest.mark.parametrize("train", [True, False])
def test_generator_is_that_of_numpy(train):
    module = Generator(**TINY)
    drawn = louder(variables(module, FRAME))
    made, _ = quick_jit(partial(module.apply, train=train, mutable="batch_stats"))(
        drawn, jnp.asarray(FRAME)
    )
    still, foreground, mask = generate(drawn, FRAME, train=train)
    assert min(still.std(), foreground.std()) > 0.05
    assert mask.std() > 0.02
    found = made.extras
    np.testing.assert_allclose(found["background"], still, atol=1e-4)  # one for all frames
    np.testing.assert_allclose(found["foreground"], foreground, atol=1e-4)
    np.testing.assert_allclose(found["mask"], mask, atol=1e-4)
    expected = mask * foreground + (1 - mask) * still[:, None]
    np.testing.assert_allclose(made.clip, expected, atol=1e-4)


def test_where_the_mask_is_0_nothing_moves():
    module = Generator(**TINY)
    drawn = louder(variables(module, FRAME))
    drawn["params"]["heads"]["bias"] = np.float32([0, 0, 0, -1000])
    clip = quick_jit(partial(module.apply, train=False))(drawn, jnp.asarray(FRAME)).clip
    assert np.array_equal(clip, np.broadcast_to(clip[:, :1], clip.shape))
    assert clip.std() > 0.05


@pytest.mark.parametrize("train", [True, False])
def test_discriminator_is_that_of_numpy(train):
    module = Discriminator(**TINY)
    drawn = louder(variables(module, CLIP))
    found, _ = quick_jit(partial(module.apply, train=train, mutable="batch_stats"))(
        drawn, jnp.asarray(CLIP)
    )
    x = CLIP
    for number, convolution in enumerate((SPACE, BOTH, BOTH), 1):
        down = reference.part(drawn, f"down{number}")
        x = reference.block(down, x, convolution, train=train, slope=0.2, epsilon=1e-3)
        np.testing.assert_allclose(found.features[number - 1], x, rtol=1e-3, atol=1e-4)
    kernel, bias = (drawn["params"]["output"][name] for name in ("kernel", "bias"))
    real, fake = np.einsum("bthwc,thwco->ob", x, kernel) + bias[:, None]
    np.testing.assert_allclose(found.logits[:, 0], real - fake, rtol=1e-3, atol=1e-4)
    # The published loss: softmax cross-entropy of the two.
    cross_entropy = -np.log(np.exp(real) / (np.exp(real) + np.exp(fake)))
    np.testing.assert_allclose(jax.nn.softplus(-found.logits[:, 0]), cross_entropy, rtol=1e-3)


def test_initial_kernels_are_narrow(monkeypatch):
    seen = []

    def record(initializer, **options):
        seen.append(initializer)
        return jax.nn.initializers.zeros

    monkeypatch.setattr("ssagan_jax.models.layers.conv.kernel_initializer", record)
    variables(Generator(**TINY), FRAME)
    assert seen == ["narrow"] * 10  # encoder 3, background 3, lift, two levels, heads
    variables(Discriminator(**TINY), CLIP)
    assert seen == ["narrow"] * 14


@pytest.mark.slow
def test_one_training_step_moves_every_parameter():
    gan = build_gan(resolve(loading.load("configs/vgan.py:tiny")))
    before, after, metrics = one_step(gan)
    assert {"g/first_frame", "g/mask_sparsity", "g/vanilla", "d/vanilla"} <= metrics.keys()
    for role in ("generator", "discriminator"):
        old, new = (leaves(getattr(state, role).params) for state in (before, after))
        assert all(np.isfinite(new[name]).all() for name in new)
        assert [name for name in old if np.array_equal(old[name], new[name])] == []


@pytest.mark.parametrize("role", ["generator", "discriminator"])
def test_illegal_values_are_refused_when_the_model_is_made(role):
    with pytest.raises(ValueError, match=r"frames must be one of \(8, 16, 32, 64\), not 12\."):
        getattr(models, role)("vgan", frames=12)
    with pytest.raises(ValueError, match=r"size must be one of .*, not 48\."):
        getattr(models, role)("vgan", size=48)


def test_inputs_of_another_shape():
    with pytest.raises(ValueError, match=r"photos of 32 x 32 pixels, not 64 x 64"):
        Generator(**TINY).init(jax.random.key(0), jnp.zeros((1, 64, 64, 3)), train=True)
    with pytest.raises(ValueError, match=r"clips of \(8, 32, 32\), not \(16, 32, 32\)"):
        Discriminator(**TINY).init(jax.random.key(0), jnp.zeros((1, 16, 32, 32, 3)), train=True)
