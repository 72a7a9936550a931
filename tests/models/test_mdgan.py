"""The discriminator: the paper's sizes, and its values against one written in NumPy."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from ssagan_jax import models
from ssagan_jax.models import unet
from ssagan_jax.models.mdgan import Discriminator, Generator
from tests.helpers import reference
from tests.helpers.sizes import PAIRS
from tests.helpers.stubs import count, leaves, quick_jit, variables

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


@pytest.mark.parametrize(("size", "frames"), PAIRS)
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

    monkeypatch.setattr("ssagan_jax.models.layers.conv.kernel_initializer", record)
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


def generator_params(**fields):
    module = Generator(**fields)
    frame = jax.ShapeDtypeStruct((1, module.size, module.size, 3), jnp.float32)
    return jax.eval_shape(partial(module.init, jax.random.key(0), train=True), frame)["params"]


def test_parameter_counts_of_both_stages():
    params = generator_params(stage=2)
    assert {name: count(net) for name, net in params.items()} == dict(
        stage1=39_072_576, stage2=39_072_576
    )
    assert list(generator_params(stage=1)) == ["stage1"]


def test_the_second_stage_leaves_the_first_as_it_is():
    module = Generator(**TINY, stage=2)
    frame = jnp.asarray(np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)), jnp.float32)
    drawn = variables(module, frame)
    generated, stats = quick_jit(partial(module.apply, train=True, mutable=["batch_stats"]))(
        drawn, frame
    )
    alone = Generator(**TINY, stage=1)
    first = {name: {"stage1": tree["stage1"]} for name, tree in drawn.items()}
    expected = quick_jit(partial(alone.apply, train=False))(first, frame)
    np.testing.assert_allclose(generated.extras["stage1"], expected.clip, atol=1e-6)
    before, after = drawn["batch_stats"], stats["batch_stats"]
    assert jax.tree.all(jax.tree.map(jnp.array_equal, before["stage1"], after["stage1"]))
    assert not jax.tree.all(jax.tree.map(jnp.array_equal, before["stage2"], after["stage2"]))
    assert not np.allclose(generated.clip, expected.clip)


def test_only_the_second_stage_freezes_the_first():
    assert Generator(stage=1).frozen == ()
    assert Generator(stage=2).frozen == ("stage1",)


@pytest.mark.parametrize("name", ["mdgan", "unet"])
def test_gradients_reach_every_parameter(name):
    module = models.generator(name, **TINY, spectral_norm=False)
    frame = jnp.asarray(np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)), jnp.float32)
    drawn = variables(module, frame)
    target = np.random.default_rng(1).uniform(-1, 1, (2, 8, 32, 32, 3)).astype(np.float32)

    def loss(params):
        generated, _ = module.apply({**drawn, "params": params}, frame, train=True, mutable=True)
        return jnp.mean(jnp.abs(generated.clip - target))

    slopes = leaves(quick_jit(jax.grad(loss))(drawn["params"]))
    assert len(slopes) == 8 + 2 * 5  # kernels, and scale and bias of all norms
    assert not [path for path, slope in slopes.items() if not np.any(slope)]


def test_the_second_stage_has_no_shallow_skips():
    seen = {}

    def note(call, args, kwargs, context):
        if isinstance(context.module, unet.Generator) and context.method_name == "__call__":
            seen[context.module.name] = (context.module.skips, context.module.skip_levels)
        return call(*args, **kwargs)

    with nn.intercept_methods(note):
        generator_params(stage=2)
    assert seen == {"stage1": ("sum", None), "stage2": ("sum", 3)}  # of five levels


def test_the_bottlenecks_of_both_stages_at_64_pixels():
    params = generator_params(size=64, stage=2, bottlenecks=("pair", "halve"))
    assert count(params["stage1"]) == 9_710_400
    kernels = {name: net["bottleneck"]["kernel"].shape[:3] for name, net in params.items()}
    assert kernels == dict(stage1=(2, 4, 4), stage2=(4, 4, 4))


def test_unknown_stage():
    with pytest.raises(ValueError, match=r"stage must be 1 or 2, not 3\."):
        models.generator("mdgan", stage=3)


def test_pairs_of_frames_are_scored_one_by_one():
    logits, _, drawn = outputs(size=64, head="pair")
    assert count(drawn["params"]) == 2_766_208
    assert logits.shape == (1, 3)


def test_a_discriminator_sees_the_wind_where_it_is_given():
    judge = models.discriminator("mdgan", size=32, frames=8, features=2, norm="none", wind="given")
    assert judge.takes_wind and not judge.clone(wind="none").takes_wind
    clip = jnp.zeros((2, 8, 32, 32, 3))
    drawn = jax.tree.map(jnp.asarray, variables(judge, clip))
    given = jnp.array([[0.02, 0.0], [0.0, 0.0]])
    logits = judge.apply(drawn, clip, train=False, wind=given).logits
    assert float(jnp.abs(logits[0] - logits[1]).max()) > 1e-4
    without = judge.apply(drawn, clip, train=False).logits
    np.testing.assert_allclose(logits[1], without[1], rtol=1e-5)
    with pytest.raises(ValueError, match=r'Unknown wind "some"\. Known: none, given\.'):
        judge.clone(wind="some")


def test_unknown_head():
    with pytest.raises(ValueError, match=r'Unknown head "all"\. Known: whole, pair\.'):
        models.discriminator("mdgan", head="all")
