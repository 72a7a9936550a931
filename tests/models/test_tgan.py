"""TGAN: published sizes, values against NumPy, noise, gradients, what the constraint allows."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax import losses, models
from ssagan_jax.animation.animator import build_animator
from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.losses import weighted_sum
from ssagan_jax.models.tgan import Discriminator, Generator, ImageGenerator, TemporalGenerator
from tests.helpers import reference
from tests.helpers.sizes import PAIRS
from tests.helpers.stubs import count, drawn, leaves, loss_inputs, quick_jit

TINY = dict(size=32, frames=8, features=2)
RNGS = {"params": jax.random.key(0), "noise": jax.random.key(1)}
DRAW = np.random.default_rng(0)
PHOTOS = DRAW.uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)
REAL = DRAW.uniform(-1, 1, (2, 8, 32, 32, 3)).astype(np.float32)


def shapes(module, *inputs):
    """Output and variables, without values."""

    def init(*inputs):
        output, variables = module.init_with_output(RNGS, *inputs, train=True)
        return (output if isinstance(output, jax.Array) else vars(output)), variables

    return jax.eval_shape(init, *(jax.ShapeDtypeStruct(shape, jnp.float32) for shape in inputs))


def generator(batch_size=1, **fields):
    module = Generator(**fields)
    return shapes(module, (batch_size, module.size, module.size, 3))


def discriminator(batch_size=1, **fields):
    module = Discriminator(**fields)
    return shapes(module, (batch_size, module.frames, module.size, module.size, 3))


# Sizes

# Kernels of transposed 1-D convolutions (all but the first 4 taps), gains, the output's bias.
TEMPORAL_16 = (
    (100 * 512 + 512)
    + (4 * 512 * 256 + 256)
    + (4 * 256 * 128 + 128)
    + (4 * 128 * 128 + 128)
    + (4 * 128 * 100 + 100)
)
# Both latents to 256 x 4 x 4 with gain and offset; 4 x 4 kernels likewise; 3 x 3 with bias.
IMAGE_64 = (
    2 * (100 * 4096 + 2 * 4096)
    + (16 * 512 * 256 + 2 * 256)
    + (16 * 256 * 128 + 2 * 128)
    + (16 * 128 * 64 + 2 * 64)
    + (16 * 64 * 32 + 2 * 32)
    + (9 * 32 * 3 + 3)
)
# 4 x 4 kernels with gain and offset, but for the first, which has a bias.
ENCODER_64 = (
    (16 * 3 * 128 + 128)
    + (16 * 128 * 256 + 2 * 256)
    + (16 * 256 * 512 + 2 * 512)
    + (16 * 512 * 1024 + 2 * 1024)
)
SLOW = 4 * 4 * 1024 * 100
# 4 x 4 x 4 kernels with gain, but for the first, which has a bias; 4 x 4 to the score.
DISCRIMINATOR_64 = (
    (64 * 3 * 64 + 64)
    + (64 * 64 * 128 + 128)
    + (64 * 128 * 256 + 256)
    + (64 * 256 * 512 + 512)
    + 16 * 512
)


def parts(variables):
    return {name: count(tree) for name, tree in variables["params"].items()}


def test_published_size():
    generated, variables = generator(batch_size=2, size=64, frames=16)
    assert generated["clip"].shape == (2, 16, 64, 64, 3)
    assert parts(variables) == {
        "temporal": TEMPORAL_16,
        "image": IMAGE_64,
        "encoder": ENCODER_64,
        "slow": SLOW,
    }
    # The unconditional networks, to the digits that are published of them.
    assert pytest.approx(0.83e6, rel=0.01) == TEMPORAL_16
    assert pytest.approx(3.6e6, rel=0.01) == IMAGE_64


def test_published_discriminator():
    judged, variables = discriminator(batch_size=2, size=64, frames=16)
    assert judged["logits"].shape == (2, 1)
    assert [f.shape[1:] for f in judged["features"]] == [
        (8, 32, 32, 64),
        (4, 16, 16, 128),
        (2, 8, 8, 256),
        (1, 4, 4, 512),
    ]
    assert count(variables["params"]) == DISCRIMINATOR_64
    assert pytest.approx(11.0e6, rel=0.01) == DISCRIMINATOR_64


def test_32_frames_add_one_stage_to_the_temporal_generator_and_one_score():
    generated, variables = generator(size=64, frames=32)
    assert generated["clip"].shape == (1, 32, 64, 64, 3)
    assert parts(variables)["temporal"] == TEMPORAL_16 + 4 * 128 * 128 + 128
    assert parts(variables)["image"] == IMAGE_64
    judged, variables = discriminator(size=64, frames=32)
    assert judged["logits"].shape == (1, 2)
    assert count(variables["params"]) == DISCRIMINATOR_64


def test_128_pixels_add_one_stage():
    _, variables = generator(size=128, frames=16)
    image = IMAGE_64 - (9 * 32 * 3) + (16 * 32 * 16 + 2 * 16) + (9 * 16 * 3)
    assert parts(variables)["image"] == image
    assert parts(variables)["temporal"] == TEMPORAL_16
    _, variables = discriminator(size=128, frames=16)
    first = (64 * 3 * 32 + 32) + (64 * 32 * 64 + 64)
    # 16 frames are one after four stages: the fifth kernel is 1 x 4 x 4.
    last = (16 - 64) * 256 * 512
    assert count(variables["params"]) == DISCRIMINATOR_64 - (64 * 3 * 64 + 64) + first + last


@pytest.mark.parametrize(("size", "frames"), PAIRS)
def test_every_size_and_number_of_frames(size, frames):
    fields = dict(size=size, frames=frames, features=1)
    assert generator(**fields)[0]["clip"].shape == (1, frames, size, size, 3)
    stages = {32: 3, 64: 4, 128: 5, 256: 6}[size]
    assert discriminator(**fields)[0]["logits"].shape == (1, max(1, frames >> stages))


def test_latent_is_a_field():
    _, variables = generator(**TINY, latent=7)
    assert variables["params"]["slow"]["kernel"].shape == (4 * 4 * 64, 7)
    assert variables["params"]["temporal"]["output"]["kernel"].shape == (4, 1, 1, 7, 8)


def test_kernels_start_uniform_within_a_hundredth():
    module = Discriminator(**TINY)
    start = quick_jit(partial(module.init, train=True))(jax.random.key(0, impl="rbg"), REAL)
    for name, kernel in leaves(start["params"]).items():
        if name.endswith("kernel"):
            assert 0.008 < np.abs(kernel).max() <= 0.01


# Values


def normalised(params, stats, name, x):
    layer = {"bias": 0.0, **params[name]}
    return reference.batch_norm(x, **layer, **stats[name])


def with_statistics(module, *inputs):
    """Variables as drawn, and running statistics that differ from 0 and 1."""
    _, variables = shapes(module, *(x.shape for x in inputs))
    variables = drawn(variables)
    draw = np.random.default_rng(5)
    for name, leaf in leaves(variables["batch_stats"]).items():
        low = 0.5 if name.endswith("var") else -0.1
        leaf[...] = draw.uniform(low, low + 0.2, leaf.shape)
    return variables


def test_temporal_generator_against_numpy():
    slow = DRAW.uniform(-1, 1, (3, 5)).astype(np.float32)
    module = TemporalGenerator(frames=8, features=2, latent=5)
    variables = with_statistics(module, slow)
    found = quick_jit(partial(module.apply, train=False))(variables, slow)
    params, stats = variables["params"], variables["batch_stats"]
    x = slow[:, None, None, None] @ params["up0"]["kernel"][0, 0, 0].T
    x = np.maximum(normalised(params, stats, "norm0", x), 0)
    widths = [x.shape[-1]]
    twice = dict(strides=(2, 1, 1), padding=(1, 0, 0))
    for number in (1, 2):
        x = reference.conv3d_transpose(x, params[f"up{number}"]["kernel"], **twice)
        x = np.maximum(normalised(params, stats, f"norm{number}", x), 0)
        widths.append(x.shape[-1])
    x = reference.conv3d_transpose(x, params["output"]["kernel"], **twice)
    expected = np.tanh(x + params["output"]["bias"])[:, :, 0, 0]
    assert widths == [32, 16, 8]
    assert found.shape == (3, 8, 5)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_image_generator_against_numpy():
    slow = DRAW.uniform(-1, 1, (2, 5)).astype(np.float32)
    fast = DRAW.uniform(-1, 1, (2, 3, 5)).astype(np.float32)
    module = ImageGenerator(size=32, features=2)
    variables = with_statistics(module, slow, fast)
    found = quick_jit(partial(module.apply, train=False))(variables, slow, fast)
    params, stats = variables["params"], variables["batch_stats"]

    def grid(name, latent):
        x = normalised(params, stats, f"norm_{name}", latent @ params[name]["kernel"])
        return np.maximum(x, 0).reshape(*latent.shape[:-1], 4, 4, 16)

    x = np.concatenate([np.stack([grid("slow", slow)] * 3, 1), grid("fast", fast)], -1)
    for number in (1, 2, 3):
        layer, running = (tree[f"up{number}"] for tree in (params, stats))
        x = reference.conv3d_transpose(
            x, layer["Conv_0"]["kernel"], strides=(1, 2, 2), padding=(0, 1, 1)
        )
        x = np.maximum(normalised(layer, running, "BatchNorm_0", x), 0)
    kernel = params["output"]["kernel"][None]
    x = reference.conv3d(x, kernel, strides=(1, 1, 1), padding=(0, 1, 1))
    expected = np.tanh(x + params["output"]["bias"])
    assert found.shape == (2, 3, 32, 32, 3)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_discriminator_against_numpy():
    clip = REAL[:1]
    module = Discriminator(**TINY)
    variables = with_statistics(module, clip)
    judged = quick_jit(partial(module.apply, train=False))(variables, clip)
    params, stats = variables["params"], variables["batch_stats"]
    x = clip
    for number in (1, 2, 3):
        layer = params[f"down{number}"]
        x = reference.conv3d(x, layer["kernel"], strides=(2, 2, 2), padding=(1, 1, 1))
        x = x + layer.get("bias", 0)
        if number > 1:
            x = normalised(params, stats, f"norm{number}", x)
        x = reference.leaky_relu(x, 0.2)
        np.testing.assert_allclose(judged.features[number - 1], x, atol=1e-5)
    expected = np.sum(x * params["output"]["kernel"][..., 0], (1, 2, 3, 4))
    np.testing.assert_allclose(judged.logits[:, 0], expected, rtol=1e-4, atol=1e-6)


# Noise and gradients, from one compiled program


@pytest.fixture(scope="module")
def play():
    """(key, photos) -> (clip, gradients of both players)."""
    g, d = Generator(**TINY), Discriminator(**TINY)
    start = drawn((generator(**TINY)[1], discriminator(**TINY)[1]))

    def run(module, params, variables, x, **options):
        variables = {**variables, "params": params}
        return module.apply(variables, x, train=True, mutable=["batch_stats"], **options)[0]

    @quick_jit
    def played(start, key, photos, real):
        g_variables, d_variables = start

        def judge(params, clip):
            return run(d, params, d_variables, clip).logits

        def g_loss(params):
            clip = run(g, params, g_variables, photos, rngs={"noise": key}).clip
            inputs = loss_inputs(real, clip, on_fake=judge(d_variables["params"], clip))
            weights = {"wasserstein": 1.0, "first_frame": 10.0}
            return weighted_sum(losses.GENERATOR, weights, inputs)[0], clip

        def d_loss(params):
            on_real, on_fake = judge(params, real), judge(params, clip)
            inputs = loss_inputs(real, clip, on_real=on_real, on_fake=on_fake)
            return weighted_sum(losses.DISCRIMINATOR, {"wasserstein": 1.0}, inputs)[0]

        g_slope, clip = jax.grad(g_loss, has_aux=True)(g_variables["params"])
        return clip, g_slope, jax.grad(d_loss)(d_variables["params"])

    return lambda seed, photos=PHOTOS: played(start, jax.random.key(seed), photos, REAL)


@pytest.mark.slow
def test_gradients_reach_every_parameter(play):
    _, g_slope, d_slope = play(0)
    for slope in (g_slope, d_slope):
        for name, leaf in leaves(slope).items():
            assert np.abs(leaf).max() > 1e-4, name  # rounding errors are below 1e-6


def test_equal_seeds_give_equal_clips_and_others_others(play):
    first, again, other = (play(seed)[0] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert np.abs(first - other).mean() > 0.01
    assert not np.allclose(first[0], first[1], atol=0.01)  # each photo has its own draw


def test_the_clip_depends_on_the_photo_and_moves(play):
    clip, other = play(0)[0], play(0, -PHOTOS)[0]
    assert np.abs(clip - other).mean() > 0.01
    assert np.abs(np.diff(clip, axis=1)).mean() > 0.01


# The constraint


def test_constrain_bounds_singular_values_and_gains():
    module = Discriminator(**TINY)
    variables = drawn(discriminator(**TINY)[1])
    params = jax.tree.map(lambda x: 50 * x, variables["params"])
    params["norm2"]["scale"] = np.linspace(-1, 3, 8, dtype=np.float32)
    stats = variables["batch_stats"]
    stats["norm2"]["var"] = np.linspace(0.25, 4, 8, dtype=np.float32)
    found = quick_jit(module.constrain)(params, {"batch_stats": stats})
    for name, kernel in leaves(found).items():
        if name.endswith("kernel"):
            matrix = np.reshape(kernel, (-1, kernel.shape[-1]))
            assert np.linalg.norm(matrix, 2) == pytest.approx(1.0, abs=1e-4), name
    deviation = np.sqrt(stats["norm2"]["var"])
    gains = np.clip(params["norm2"]["scale"], 0.01 * deviation, deviation)
    np.testing.assert_allclose(found["norm2"]["scale"], gains, rtol=1e-6)
    np.testing.assert_allclose(found["norm3"]["scale"], 1.0)  # 50, and a deviation of 1
    assert np.array_equal(found["down1"]["bias"], params["down1"]["bias"])


# Errors


@pytest.mark.parametrize("role", ["generator", "discriminator"])
def test_sizes_that_no_layer_is_made_for(role):
    build = partial(getattr(models, role), "tgan")
    with pytest.raises(ValueError, match=r"size must be one of \(32, 64, 128, 256\), not 48"):
        build(size=48)
    with pytest.raises(ValueError, match=r"frames must be one of \(8, 16, 32, 64\), not 12"):
        build(frames=12)


@pytest.mark.parametrize("role", ["generator", "discriminator"])
def test_norms_are_batch_norms(role):
    with pytest.raises(
        ValueError, match=r"norm must be one of \('batch', 'chainer'\), not \"layer"
    ):
        getattr(models, role)("tgan", norm="layer")


def test_constrain_every_counts_from_one():
    with pytest.raises(ValueError, match="constrain_every counts updates, from 1 on, not 0"):
        Discriminator(constrain_every=0)


def test_inputs_of_another_shape():
    with pytest.raises(ValueError, match="photos of 32 x 32 pixels, not 64 x 64"):
        shapes(Generator(**TINY), (1, 64, 64, 3))
    with pytest.raises(ValueError, match=r"clips of \(8, 32, 32\), not \(16, 32, 32\)"):
        shapes(Discriminator(**TINY), (1, 16, 32, 32, 3))


def test_a_photo_s_clip_does_not_depend_on_its_batch():
    config = {
        "dataset": {"size": 32, "frames": 8},
        "generator": {"name": "tgan", "features": 1, "latent": 4},
    }
    tree = drawn(generator(size=32, frames=8, features=1, latent=4)[1])
    tree["params"] = jax.tree.map(lambda x: 4 * x, tree["params"])  # so that noise shows
    animate = build_animator(NetworkConfig.from_json(config, "generator"), tree)
    photos = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    photos[1] = photos[0]
    photos[1, 0, 0, 0] ^= 1  # nearly the same photo, another draw
    clips = animate(photos, seed=2).astype(int)
    assert np.abs(clips[0] - clips[1]).mean() > 1
    for places in ([2], [1, 0, 2]):
        assert np.abs(animate(photos[places], seed=2) - clips[places]).max() <= 1
    assert np.abs(animate(photos[:1], seed=3) - clips[:1]).mean() > 1
