"""bfloat16 activations; everything that is kept, and everything that is compared, in float32."""

import dataclasses
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax import losses, models
from ssagan_jax.training.state import create
from tests.helpers.stubs import leaves, make_gan, train_step

SMALL = dict(size=32, frames=8, features=2)
CLIP = jax.ShapeDtypeStruct((2, 8, 32, 32, 3), jnp.uint8)
AUTHOR = {"wasserstein": 1.0, "gradient_penalty": 10.0}


def gan(precision="bfloat16", generator="ssagan", **changes):
    return make_gan(
        generator=models.generator(generator, **SMALL, precision=precision),
        discriminator=models.discriminator("mdgan", **SMALL, precision=precision),
        **changes,
    )


def abstract_step(gan):
    before = jax.eval_shape(partial(create, gan), 0)
    step = partial(train_step, gan, update_generator=True)
    return before, *jax.eval_shape(step, before, {"clip": CLIP})


def test_state_losses_and_gradients_are_float32():
    before, after, metrics = abstract_step(gan(discriminator_losses=AUTHOR, ema_decay=0.9))
    assert leaves(before) == leaves(after)
    assert before == jax.eval_shape(partial(create, gan("float32", ema_decay=0.9)), 0)
    kept = {leaf.dtype for leaf in jax.tree.leaves((after.generator, after.ema_params))}
    assert kept == {np.dtype(np.float32), np.dtype(np.int32)}  # Adam counts its updates
    assert {metric.dtype for metric in metrics.values()} == {np.dtype(np.float32)}


def layers(module, x):
    """What a training-mode pass makes, by name, and the output of every layer, by path."""

    def run(x):
        drawn = module.init(jax.random.key(0), x, train=True)
        mutable = [*drawn, "intermediates"]
        out, left = module.apply(drawn, x, train=True, mutable=mutable, capture_intermediates=True)
        return dataclasses.asdict(out), leaves(left["intermediates"])

    out, seen = jax.eval_shape(run, x)
    return out, {path: layer for path, layer in seen.items() if not path.startswith("__call__")}


def test_the_generators_layers_compute_in_bfloat16_and_make_a_float32_clip():
    frame = jax.ShapeDtypeStruct((2, 32, 32, 3), jnp.float32)
    out, seen = layers(gan().generator, frame)
    assert out["clip"].dtype == jnp.float32
    for name in ("down1", "down3", "attention_encoder2", "bottleneck", "up3", "output"):
        assert any(path.startswith(name + "/") for path in seen)
    for path, layer in seen.items():
        assert layer.dtype == (jnp.float32 if "SpectralNorm" in path else jnp.bfloat16), path


def test_the_discriminators_last_layer_and_scores_are_float32():
    clip = jax.ShapeDtypeStruct(CLIP.shape, jnp.float32)
    out, seen = layers(gan().discriminator, clip)
    assert out["logits"].dtype == jnp.float32
    assert {x.dtype for x in out["features"]} == {np.dtype(jnp.bfloat16)}
    for path, layer in seen.items():
        exact = "SpectralNorm" in path or path.startswith("output")
        assert layer.dtype == (jnp.float32 if exact else jnp.bfloat16), path


def test_stage_two_takes_the_option_to_both_stages():
    module = models.generator("mdgan", **SMALL, stage=2, precision="bfloat16")
    out, seen = layers(module, jax.ShapeDtypeStruct((2, 32, 32, 3), jnp.float32))
    assert out["clip"].dtype == out["extras"]["stage1"].dtype == jnp.float32
    for stage in ("stage1", "stage2"):
        assert seen[f"{stage}/down2/__call__/0"].dtype == jnp.bfloat16


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_penalty_may_judge_in_float32(precision, monkeypatch):
    seen = {}

    def spy(inputs):
        for name in ("judge", "judge_exactly"):
            seen[name] = getattr(inputs, name)(inputs.real).features[0].dtype
        return jnp.zeros(())

    monkeypatch.setitem(losses.DISCRIMINATOR, "spy", spy)
    abstract_step(gan(precision, generator="unet", discriminator_losses={"spy": 1.0}))
    assert seen == {"judge": np.dtype(precision), "judge_exactly": np.dtype(np.float32)}


def test_names_and_levels_of_computing_again():
    """The same variables; every block of either network is one part that is repeated."""
    for module, shape, parts in (
        (models.generator("ssagan", **SMALL), CLIP.shape[:1] + CLIP.shape[2:], 12),
        (models.discriminator("mdgan", **SMALL), CLIP.shape, 3),
    ):
        example = jax.ShapeDtypeStruct(shape, jnp.float32)
        other = module.clone(remat="levels")
        drawn = [
            jax.eval_shape(partial(m.init, jax.random.key(0), train=True), example)
            for m in (module, other)
        ]
        assert leaves(drawn[0]) == leaves(drawn[1])
        programs = [
            jax.make_jaxpr(lambda v, x, m=m: m.apply(v, x, train=False))(drawn[0], example)
            for m in (module, other)
        ]
        marks = [sum("prevent_cse" in e.params for e in p.jaxpr.eqns) for p in programs]
        assert marks == [0, parts]
