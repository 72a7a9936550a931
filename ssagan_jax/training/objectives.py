"""What each player minimises: its losses of a batch, from training-mode passes of the networks."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import jax
from flax import linen as nn

from ssagan_jax import losses
from ssagan_jax.losses import LossInputs, weighted_sum
from ssagan_jax.models.variables import Tree, given_hints
from ssagan_jax.training.gan import Gan
from ssagan_jax.types import Batch, Clip, Generated, Judged, Mask, Scalar, Wind

SPECTRAL = "spectral"  # the collection of ``models.layers.conv.SpectralNorm``

Metrics = dict[str, Scalar]  # losses by name, before weighting
Networks = dict[str, Tree]  # "generator" and "discriminator": parameters, or statistics
Judge = Callable[..., tuple[Judged, Tree]]  # (statistics, clip): a pass of the discriminator
# By player what to differentiate, and terms; new statistics.
LossesAndAux = tuple[dict[str, Scalar], tuple[dict[str, Metrics], Networks]]
BOTH = ("generator", "discriminator")


def discriminator_loss(
    gan: Gan, params: Networks, stats: Networks, batch: Batch, rng: jax.Array
) -> LossesAndAux:
    """The weighted sum of the discriminator's losses; its terms, and statistics of both networks.

    The fake clips carry no gradient to the generator: the authors compute that gradient and
    throw it away. The statistics see the real clips, then the fake ones. The gradient penalty
    judges with the statistics as they stand after the fake clips, and leaves no trace in them.
    Further power iterations of spectral norm are made if the ``gan`` says so.
    """
    noise_rng, loss_rng = jax.random.split(rng)
    real, wind = batch["clip"], batch.get("wind")
    fake, g_stats = generate(gan, params, stats, batch, noise_rng)
    fake = jax.lax.stop_gradient(fake)
    judge, judge_exactly = judges(gan, params, wind)
    on_real, d_stats = judge(stats["discriminator"], real)
    on_fake, d_stats = judge(d_stats, fake.clip)
    inputs = LossInputs(
        real=real,
        fake=fake,
        on_real=on_real,
        on_fake=on_fake,
        rng=loss_rng,
        wind=wind,
        judge=lambda clip: judge(d_stats, clip)[0],
        judge_exactly=lambda clip: judge_exactly(d_stats, clip)[0],
        axis_names=gan.axis_names,
    )
    loss, terms = weighted_sum(losses.DISCRIMINATOR, gan.discriminator_losses, inputs)
    for _ in range(gan.extra_power_iterations):
        d_stats = iterate_spectral_norm(judge, d_stats, real)
    left = {"generator": g_stats, "discriminator": d_stats}
    return {"discriminator": loss}, ({"discriminator": terms}, left)


def iterate_spectral_norm(judge: Judge, stats: Tree, clip: Clip) -> Tree:
    """The statistics with the spectral vectors that one more pass leaves.

    Those depend on the parameters alone: of the pass the compiler keeps nothing else.
    """
    _, after = judge(stats, clip)
    return (
        {**stats, SPECTRAL: jax.lax.stop_gradient(after[SPECTRAL])} if SPECTRAL in after else stats
    )


def generator_loss(
    gan: Gan, params: Networks, stats: Networks, batch: Batch, rng: jax.Array
) -> LossesAndAux:
    """The weighted sum of the generator's losses; its terms, and statistics of both networks.

    The batch is the one the discriminator has just seen; its statistics see the fake clips.
    """
    noise_rng, loss_rng = jax.random.split(rng)
    real, wind = batch["clip"], batch.get("wind")
    fake, g_stats = generate(gan, params, stats, batch, noise_rng)
    judge, _ = judges(gan, params, wind)
    on_fake, d_stats = judge(stats["discriminator"], fake.clip)
    inputs = LossInputs(
        real=real,
        fake=fake,
        on_real=None,
        on_fake=on_fake,
        rng=loss_rng,
        wind=wind,
        moving=batch.get("moving"),
        judge=lambda clip: judge(stats["discriminator"], clip)[0],
        axis_names=gan.axis_names,
    )
    loss, terms = weighted_sum(losses.GENERATOR, gan.generator_losses, inputs)
    left = {"generator": g_stats, "discriminator": d_stats}
    return {"generator": loss}, ({"generator": terms}, left)


def losses_together(
    gan: Gan, params: Networks, stats: Networks, batch: Batch, rng: jax.Array
) -> LossesAndAux:
    """The weighted sums of both players' losses, from the same fake clips and the same scores.

    The discriminator's statistics see the fake clips, then the real ones, as in TGAN's code.
    """
    noise_rng, g_rng, d_rng = jax.random.split(rng, 3)
    real, wind = batch["clip"], batch.get("wind")
    fake, g_stats = generate(gan, params, stats, batch, noise_rng)
    judge, judge_exactly = judges(gan, params, wind)
    on_fake, d_stats = judge(stats["discriminator"], fake.clip)
    on_real, d_stats = judge(d_stats, real)
    inputs = LossInputs(
        real=real,
        fake=fake,
        on_real=on_real,
        on_fake=on_fake,
        rng=g_rng,
        wind=wind,
        moving=batch.get("moving"),
        judge=lambda clip: judge(d_stats, clip)[0],
        judge_exactly=lambda clip: judge_exactly(d_stats, clip)[0],
        axis_names=gan.axis_names,
    )
    g_loss, g_terms = weighted_sum(losses.GENERATOR, gan.generator_losses, inputs)
    inputs = replace(inputs, rng=d_rng)
    d_loss, d_terms = weighted_sum(losses.DISCRIMINATOR, gan.discriminator_losses, inputs)
    for _ in range(gan.extra_power_iterations):
        d_stats = iterate_spectral_norm(judge, d_stats, real)
    terms = {"generator": g_terms, "discriminator": d_terms}
    left = {"generator": g_stats, "discriminator": d_stats}
    return {"generator": g_loss, "discriminator": d_loss}, (terms, left)


LOSSES = {
    ("discriminator",): discriminator_loss,
    ("generator",): generator_loss,
    BOTH: losses_together,
}


def generate(
    gan: Gan, params: Networks, stats: Networks, batch: Batch, rng: jax.Array
) -> tuple[Generated, Tree]:
    """What the generator makes of the batch's first frames, and the statistics it leaves."""
    of_generator = gan.generator, params["generator"], stats["generator"]
    wind, mask = batch.get("wind"), batch.get("mask")
    return forward(*of_generator, batch["clip"][:, 0], rng, wind=wind, mask=mask)


def judges(gan: Gan, params: Networks, wind: Wind | None) -> tuple[Judge, Judge]:
    """The discriminator, and the same with float32 activations."""
    modules = gan.discriminator, in_float32(gan.discriminator)
    first, second = (partial(forward, m, params["discriminator"], wind=wind) for m in modules)
    return first, second


def forward(
    module: nn.Module,
    params: Tree,
    stats: Tree,
    inputs: Any,
    rng: jax.Array | None = None,
    *,
    wind: Wind | None = None,
    mask: Mask | None = None,
) -> tuple[Any, Tree]:
    """A training-mode pass: the output, and the statistics it leaves."""
    output, updated = module.apply(
        {"params": params, **stats},
        inputs,
        train=True,
        **given_hints(module, wind=wind, mask=mask),
        mutable=list(stats),
        rngs=None if rng is None else {"noise": rng},
    )
    return output, updated


def in_float32(module: nn.Module) -> nn.Module:
    """The module with float32 activations: a penalty on gradients needs their precision."""
    changes = getattr(module, "precision", "float32") != "float32"
    return module.clone(precision="float32") if changes else module
