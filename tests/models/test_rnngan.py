"""RNN-GAN: its layers, and the scan against a loop in Python."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.core import jaxprs_in_params

from ssagan_jax import models
from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.models.layers.pyramid import SIZES
from ssagan_jax.models.rnngan import Discriminator, Generator, Step
from ssagan_jax.training.from_config import build_gan
from tests.helpers import reference
from tests.helpers.stubs import count, leaves, one_step, quick_jit, variables

TINY = dict(size=32, frames=8, features=2)
FRAME = np.random.default_rng(1).uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)
CLIP = np.random.default_rng(2).uniform(-1, 1, (2, 8, 32, 32, 3)).astype(np.float32)


def abstract(module, *shape):
    """Clip or logits, and the variables, without values."""

    def init(example):
        returned, drawn = module.init_with_output(jax.random.key(0), example, train=True)
        return next(iter(vars(returned).values())), drawn

    return jax.eval_shape(init, jax.ShapeDtypeStruct(shape, jnp.float32))


def test_parameters_of_the_generator():
    _, drawn = abstract(Generator(size=64), 1, 64, 64, 3)
    found = {name: count(tree) for name, tree in drawn["params"]["step"].items()}
    kernels = 3 * 64 * 16 + 64 * 128 * 16 + 128 * 256 * 16 + 256 * 512 * 16
    assert found == {
        "encoder": kernels + 64 + 2 * (128 + 256 + 512),
        "cell": 9 * (512 + 512) * 4 * 512 + 4 * 512,
        "decoder": kernels + 2 * (256 + 128 + 64) + 3,
    }
    assert count(drawn["params"]) == 24_390_339
    assert {leaf.shape[0] for leaf in jax.tree.leaves(drawn["batch_stats"])} == {31}


def test_parameters_of_the_discriminator():
    _, drawn = abstract(Discriminator(size=64), 1, 32, 64, 64, 3)
    kernels = 3 * 64 * 16 + 64 * 128 * 16 + 128 * 256 * 16 + 256 * 512 * 16
    output = 512 * 4 * 4 + 1
    assert count(drawn["params"]) == kernels + 64 + 2 * (128 + 256 + 512) + output == 2_765_633


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("frames", [8, 64])
def test_every_size_and_number_of_frames(size, frames):
    fields = dict(size=size, frames=frames, features=4)
    clip, _ = abstract(Generator(**fields), 2, size, size, 3)
    assert clip.shape == (2, frames, size, size, 3)
    logits, _ = abstract(Discriminator(**fields), 2, frames, size, size, 3)
    assert logits.shape == (2, frames)


def lively(drawn, *, gain=20):
    """Steep convolutions, and running statistics of its own for every step."""
    draw = np.random.default_rng(3)

    def change(path, leaf):
        if "kernel" in str(path):
            return gain * leaf
        if "batch_stats" in str(path):
            return leaf + draw.uniform(0, 0.5, leaf.shape).astype(np.float32)
        return leaf

    return jax.tree_util.tree_map_with_path(change, drawn)


def loop(step, drawn, frame):
    """The clip, one call a step, and every step's statistics, stacked."""
    empty = jnp.zeros((len(frame), 4, 4, 16))
    carry, frames, stats = (frame, (empty, empty)), [frame], []
    for number in range(len(jax.tree.leaves(drawn["batch_stats"])[0])):
        own = jax.tree.map(lambda leaf, n=number: leaf[n], drawn["batch_stats"]["step"])
        (carry, made), kept = step({"params": drawn["params"]["step"], "batch_stats": own}, carry)
        frames.append(made)
        stats.append(kept["batch_stats"])
    return jnp.stack(frames, 1), {"step": jax.tree.map(lambda *leaf: jnp.stack(leaf), *stats)}


@pytest.mark.parametrize("train", [True, False])
def test_the_scan_is_a_loop(train):
    module = Generator(**TINY)
    drawn = lively(variables(module, FRAME))
    made, kept = quick_jit(partial(module.apply, train=train, mutable="batch_stats"))(
        drawn, jnp.asarray(FRAME)
    )
    step = quick_jit(partial(Step(32, 2, train).apply, mutable="batch_stats"))
    clip, stats = loop(step, drawn, jnp.asarray(FRAME))
    assert clip[:, 1:].std() > 0.05
    assert np.abs(np.diff(clip[:, 1:], axis=1)).max() > 1e-3  # no two steps are alike
    np.testing.assert_allclose(made.clip, clip, atol=2e-4)
    assert np.array_equal(made.clip[:, 0], FRAME)  # the photo itself
    for name, leaf in leaves(stats).items():
        np.testing.assert_allclose(leaves(kept["batch_stats"])[name], leaf, atol=2e-4)
    changed = [
        not np.array_equal(leaf, leaves(drawn["batch_stats"])[name])
        for name, leaf in leaves(kept["batch_stats"]).items()
    ]
    assert set(changed) == {train}


@pytest.mark.slow
def test_the_gradient_is_the_loop_s():
    module = Generator(**TINY)
    drawn = lively(variables(module, FRAME), gain=10)
    step = jax.jit(partial(Step(32, 2, False).apply, mutable="batch_stats"))

    def last(clip):
        return jnp.mean(jnp.square(clip[:, -1] - 1.0))

    def scanned(params):
        return last(module.apply({**drawn, "params": params}, jnp.asarray(FRAME), train=False).clip)

    def looped(params):
        return last(loop(step, {**drawn, "params": params}, jnp.asarray(FRAME))[0])

    found, expected = (
        leaves(gradient(jax.tree.map(jnp.asarray, drawn["params"])))
        for gradient in (quick_jit(jax.grad(scanned)), jax.grad(looped))
    )
    for name, leaf in expected.items():
        assert np.abs(leaf).max() > 0
        np.testing.assert_allclose(found[name], leaf, rtol=1e-2, atol=1e-3 * np.abs(leaf).max())


def test_only_inputs_of_steps_are_stored():
    module = Generator(**TINY)
    drawn = variables(module, FRAME)

    def total(params):
        return module.apply({**drawn, "params": params}, jnp.asarray(FRAME), train=False).clip.sum()

    def sizes(jaxpr):
        """Shapes of everything stacked over the steps, in and out of the scans."""
        for equation in jaxpr.eqns:
            if equation.primitive.name == "scan":
                yield from (v.aval.shape for v in (*equation.invars, *equation.outvars))
            for inner in jaxprs_in_params(equation.params):
                yield from sizes(inner)

    stacked = {s for s in sizes(jax.make_jaxpr(jax.grad(total))(drawn["params"]).jaxpr) if s}
    of_steps = {s for s in stacked if s[0] == 7 and len(s) > 2}
    assert of_steps == {(7, 2, 32, 32, 3), (7, 2, 4, 4, 16)}  # frames; hidden state, cell


def test_a_frame_depends_on_those_before_it_alone():
    """A longer clip starts as the shorter one, where the statistics of the steps agree."""
    short, long = Generator(**TINY), Generator(**{**TINY, "frames": 16})
    drawn = lively(variables(long, FRAME))
    fewer = {**drawn, "batch_stats": jax.tree.map(lambda leaf: leaf[:7], drawn["batch_stats"])}
    one, other = (
        quick_jit(partial(module.apply, train=False))(tree, jnp.asarray(FRAME)).clip
        for module, tree in ((short, fewer), (long, drawn))
    )
    np.testing.assert_allclose(one, other[:, :8], atol=1e-5)


@pytest.mark.parametrize("train", [True, False])
def test_discriminator_is_that_of_numpy(train):
    module = Discriminator(**TINY)
    drawn = lively(variables(module, CLIP))
    found, _ = quick_jit(partial(module.apply, train=train, mutable="batch_stats"))(
        drawn, jnp.asarray(CLIP)
    )
    x = CLIP
    for number in (1, 2, 3):
        down = reference.part(drawn, f"down{number}")
        x = reference.block(down, x, reference.HALVE, train=train, slope=0.2)
        np.testing.assert_allclose(found.features[number - 1], x, rtol=1e-3, atol=1e-4)
    output = drawn["params"]["output"]
    expected = x.reshape(2, 8, -1) @ output["kernel"] + output["bias"]
    assert found.logits.shape == (2, 8)
    np.testing.assert_allclose(found.logits, expected[..., 0], rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_one_training_step_moves_every_parameter():
    gan = build_gan(resolve(loading.load("configs/rnngan.py:tiny")))
    before, after, metrics = one_step(gan)
    assert {"g/l1", "g/vanilla", "d/vanilla"} <= metrics.keys()
    for role in ("generator", "discriminator"):
        old, new = (leaves(getattr(state, role).params) for state in (before, after))
        assert all(np.isfinite(new[name]).all() for name in new)
        assert [name for name in old if np.array_equal(old[name], new[name])] == []


@pytest.mark.parametrize("role", ["generator", "discriminator"])
def test_illegal_values_are_refused_when_the_model_is_made(role):
    with pytest.raises(ValueError, match=r"frames must be one of \(8, 16, 32, 64\), not 12\."):
        getattr(models, role)("rnngan", frames=12)
    with pytest.raises(ValueError, match=r"size must be one of .*, not 48\."):
        getattr(models, role)("rnngan", size=48)


def test_inputs_of_another_shape():
    with pytest.raises(ValueError, match=r"photos of 32 x 32 pixels, not 64 x 64"):
        Generator(**TINY).init(jax.random.key(0), jnp.zeros((1, 64, 64, 3)), train=True)
    with pytest.raises(ValueError, match=r"clips of \(8, 32, 32\), not \(16, 32, 32\)"):
        Discriminator(**TINY).init(jax.random.key(0), jnp.zeros((1, 16, 32, 32, 3)), train=True)
