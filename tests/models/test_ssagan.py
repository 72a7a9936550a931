"""SSA-GAN's generator: the paper's sizes, and its values against one written in NumPy."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax import models
from ssagan_jax.models.layers.norm import NoNorm
from ssagan_jax.models.ssagan import Generator
from tests.helpers import reference
from tests.helpers.sizes import PAIRS
from tests.helpers.stubs import count, leaves, quick_jit, variables

TINY = dict(size=32, frames=8, features=2)


def shapes(**fields):
    """Variables of a generator, without values."""
    module = Generator(**fields)
    frame = jax.ShapeDtypeStruct((1, module.size, module.size, 3), jnp.float32)
    return jax.eval_shape(partial(module.init, jax.random.key(0), train=True), frame)


@pytest.mark.parametrize(
    ("fields", "parameters"),
    [
        (dict(), 52_319_370),
        (dict(attention="shared"), 52_319_370),
        (dict(c_cal=8), 51_093_754),
        (dict(gate="none_zero_init"), 53_023_680),
        (dict(gate="none_normal_init"), 53_023_680),
        (dict(attention="none"), 50_218_304),
        (dict(attention="spatiotemporal", attention_at=("decoder5",)), 50_221_473),
        (dict(attention="none", skips="sum"), 39_072_576),
        (dict(attention_at=("encoder",), c_cal=8, skips="sum"), 39_510_301),
        (dict(spectral_norm=False, output="residual", initializer="author"), 52_319_370),
        # the authors' 64-pixel family
        (dict(size=64, c_cal=8, bottleneck="halve", share_attention=True), 16_771_228),
        (dict(size=64, attention="none", skips="sum", bottleneck="pair"), 9_710_400),
    ],
)
def test_parameter_counts_of_the_paper(fields, parameters):
    assert count(shapes(**fields)["params"]) == parameters


def test_layer_table_of_the_paper():
    module, frame = Generator(fold=False), jax.ShapeDtypeStruct((1, 128, 128, 3), jnp.float32)

    def layers(frame):
        drawn = module.init(jax.random.key(0), frame, train=True)
        _, seen = module.apply(
            drawn, frame, train=True, mutable=[*drawn, "intermediates"], capture_intermediates=True
        )
        return {
            name: layer["__call__"][0]
            for name, layer in seen["intermediates"].items()
            if name != "__call__"
        }

    seen = jax.eval_shape(layers, frame)
    table = {
        "down1": (32, 64, 64, 32),
        "down2": (16, 32, 32, 64),
        "down3": (8, 16, 16, 128),
        "down4": (4, 8, 8, 256),
        "down5": (2, 4, 4, 512),
        "bottleneck": (1, 1, 1, 512),
        "up1": (2, 4, 4, 512),
        "up2": (4, 8, 8, 256),
        "up3": (8, 16, 16, 128),
        "up4": (16, 32, 32, 64),
        "up5": (32, 64, 64, 32),
        "output": (32, 128, 128, 3),
    }
    assert {name: seen[name].shape[1:] for name in table} == table
    for number in range(1, 6):
        for side, level in (("encoder", f"down{number}"), ("decoder", f"up{number}")):
            assert seen[f"attention_{side}{number}"].shape[1:] == table[level]


def test_concatenated_skips_widen_what_the_decoder_takes():
    for skips, widths in (("concat", [1024, 512, 256, 128, 64]), ("sum", [512, 256, 128, 64, 32])):
        params = shapes(skips=skips)["params"]
        names = ("up2/Conv_0", "up3/Conv_0", "up4/Conv_0", "up5/Conv_0", "output")
        assert [leaves(params)[f"{name}/kernel"].shape[-1] for name in names] == widths


@pytest.mark.parametrize(("size", "frames"), PAIRS)
def test_every_size_and_number_of_frames_makes_its_clip(size, frames):
    module = Generator(size=size, frames=frames, features=4)
    frame = jax.ShapeDtypeStruct((2, size, size, 3), jnp.float32)

    def generate(frame):
        return module.init_with_output(jax.random.key(0), frame, train=True)[0].clip

    assert jax.eval_shape(generate, frame).shape == (2, frames, size, size, 3)


# Values. Everything the fields change is in the NumPy version too, so that ignoring one fails.


def attention_block(params, stats, x, *, kind, gate, train):
    q, k, v = (x @ params[n]["kernel"] + params[n]["bias"] for n in ("query", "key", "value"))
    attended = reference.attend(q, k, v, kind=kind)
    if gate == "gamma":
        return params["gamma"] * attended + x
    branch = attended @ params["output"]["kernel"] + params["output"]["bias"]
    running = {} if train else stats["norm"]
    return reference.batch_norm(branch, **params["norm"], **running) + x


def generate(drawn, frame, *, train, **fields):
    """The generator of 32 x 32 x 8 clips (three levels) from its table."""
    fields = {**{f.name: f.default for f in Generator.__dataclass_fields__.values()}, **fields}
    params, stats = drawn["params"], drawn.get("batch_stats", {})

    def conv(path, x, kernel, strides, *, padding=(1, 1, 1), transpose=False):
        layer, vectors = params, drawn.get("spectral", {})
        for name in path:
            layer, vectors = layer[name], vectors.get(name, {})
        weights = layer["kernel"]
        assert weights.shape[:3] == kernel
        assert ("SpectralNorm_0" in vectors) == fields["spectral_norm"]
        if fields["spectral_norm"]:
            weights, *_ = reference.spectral_norm(
                weights,
                **vectors["SpectralNorm_0"],
                axis=3 if transpose else 4,
                iterations=int(train),
            )
        apply = reference.conv3d_transpose if transpose else reference.conv3d
        return apply(x, weights, strides=strides, padding=padding)

    def norm(name, x):
        running = {} if train else stats[name]["BatchNorm_0"]
        return reference.batch_norm(x, **params[name]["BatchNorm_0"], **running)

    def attend(place, x):
        side = place[:-1]
        if fields["attention"] == "none" or not {side, place} & set(fields["attention_at"]):
            assert f"attention_{place}" not in params
            return x
        block, block_stats = params[f"attention_{place}"], stats.get(f"attention_{place}")
        assert block["query"]["kernel"].shape[1] == x.shape[-1] // fields["c_cal"]
        return attention_block(
            block, block_stats, x, kind=fields["attention"], gate=fields["gate"], train=train
        )

    def join(*both):
        return sum(both) if fields["skips"] == "sum" else np.concatenate(both, -1)

    first, halve = ((3, 4, 4), (1, 2, 2)), ((4, 4, 4), (2, 2, 2))
    x = np.repeat(frame[:, None], 8, 1)
    x = conv(("down1", "Conv_0"), x, *first)
    skip1 = x = attend("encoder1", x if fields["first_activation"] == "none" else leaky(x))
    skip2 = x = attend("encoder2", leaky(norm("down2", conv(("down2", "Conv_0"), x, *halve))))
    skip3 = x = attend("encoder3", leaky(norm("down3", conv(("down3", "Conv_0"), x, *halve))))
    whole = fields["bottleneck"] == "whole"
    deepest = dict(kernel=(2, 4, 4), strides=(1, 1, 1), padding=(0, 0, 0))
    if not whole:
        deepest = dict(zip(("kernel", "strides"), halve, strict=True))
    x = conv(("bottleneck",), x, **deepest)
    assert x.shape[1:4] == ((1, 1, 1) if whole else (1, 2, 2))
    x = relu(norm("up1", conv(("up1", "Conv_0"), x, **deepest, transpose=True)))
    pair = (skip3, attend("decoder1", x))
    x = join(*(pair if whole else pair[::-1]))
    x = relu(norm("up2", conv(("up2", "Conv_0"), x, *halve, transpose=True)))
    x = join(attend("decoder2", x), skip2)
    x = relu(norm("up3", conv(("up3", "Conv_0"), x, *halve, transpose=True)))
    x = join(attend("decoder3", x), skip1)
    clip = np.tanh(conv(("output",), x, *first, transpose=True))
    return clip if fields["output"] == "direct" else np.clip(frame[:, None] + clip, -1, 1)


def leaky(x):
    return reference.leaky_relu(x, 0.2)


def relu(x):
    return np.maximum(x, 0)


@pytest.mark.parametrize(
    ("train", "fields"),
    [
        (False, dict(gate="none_normal_init")),
        (
            True,
            dict(
                skips="sum",
                attention="shared",
                attention_at=("encoder2", "decoder"),
                c_cal=2,
                first_activation="leaky_relu",
                output="residual",
            ),
        ),
        (
            False,
            dict(
                attention="spatiotemporal",
                attention_at=("decoder1",),
                spectral_norm=False,
                bottleneck="halve",
            ),
        ),
    ],
)
def test_values_are_those_of_the_same_network_in_numpy(train, fields):
    module = Generator(**TINY, **fields)
    frame = np.random.default_rng(1).uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)
    drawn = variables(module, frame)
    drawn = jax.tree_util.tree_map_with_path(_strengthen, drawn)
    run = partial(module.apply, train=train, mutable=["batch_stats", "spectral"])
    generated, _ = quick_jit(run)(drawn, jnp.asarray(frame))
    expected = generate(drawn, frame, train=train, **TINY, **fields)
    assert expected.std() > 0.05
    np.testing.assert_allclose(generated.clip, expected, atol=1e-3)
    other = {**fields, **({"attention": "per_frame"} if "attention" in fields else {})}
    if other != fields:  # at gamma 0 all kinds of attention agree
        assert np.abs(generate(drawn, frame, train=train, **TINY, **other) - expected).max() > 0.01


def _strengthen(path, leaf):
    """Clips that are not grey, steep maps, gamma 1, statistics that are not the batch's."""
    name = jax.tree_util.keystr(path, simple=True, separator="/")
    if name.endswith("kernel"):
        return (20 if "attention" in name else 4) * leaf
    if name.endswith("gamma"):
        return np.ones_like(leaf)
    if name.endswith("mean"):
        return leaf + 0.1
    if name.endswith("var"):
        return 0.1 * leaf
    return leaf


def test_initializer_reaches_every_convolution(monkeypatch):
    seen = []

    def record(initializer, **options):
        seen.append(initializer)
        return jax.nn.initializers.zeros

    monkeypatch.setattr("ssagan_jax.models.layers.conv.kernel_initializer", record)
    shapes(**TINY, initializer="author")
    assert seen == ["author"] * 8  # three levels down, three up, bottleneck and output


def test_norm_reaches_every_block(monkeypatch):
    seen = []

    def record(norm, **options):
        seen.append(norm)
        return NoNorm()

    monkeypatch.setattr("ssagan_jax.models.layers.conv.make_norm", record)
    shapes(**TINY, norm="instance")
    assert seen == ["none", *["instance"] * 5]  # the first of three levels down has none


def test_illegal_size_is_refused_when_the_model_is_made():
    with pytest.raises(ValueError, match=r"size must be one of .*, not 48"):
        models.generator("ssagan", size=48)


def test_a_photo_of_another_size():
    with pytest.raises(ValueError, match=r"photos of 32 x 32 pixels, not 16 x 32\. Resize"):
        Generator(**TINY).init(jax.random.key(0), jnp.zeros((1, 16, 32, 3)), train=True)
