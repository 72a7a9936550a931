"""Adversarial losses. ``D`` is the discriminator's score: a logit, or a sigmoid's output."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ssagan_jax.losses.inputs import LossInputs
from ssagan_jax.types import Scalar


def discriminator_vanilla(inputs: LossInputs) -> Scalar:
    """-E log s(D(Y)) - E log(1 - s(D(X))), s the sigmoid: the poster's L_D on logits."""
    real = jax.nn.softplus(-inputs.real_logits)
    return jnp.mean(real) + jnp.mean(jax.nn.softplus(inputs.on_fake.logits))


def generator_vanilla(inputs: LossInputs) -> Scalar:
    """-E log s(D(X)): the non-saturating form (Goodfellow et al. 2014, section 3)."""
    return jnp.mean(jax.nn.softplus(-inputs.on_fake.logits))


def generator_vanilla_saturating(inputs: LossInputs) -> Scalar:
    """E log(1 - s(D(X))): the minimax form, as the poster's equation has it."""
    return -jnp.mean(jax.nn.softplus(inputs.on_fake.logits))


def discriminator_wasserstein(inputs: LossInputs) -> Scalar:
    """E D(X) - E D(Y) (Arjovsky et al. 2017)."""
    return jnp.mean(inputs.on_fake.logits) - jnp.mean(inputs.real_logits)


def generator_wasserstein(inputs: LossInputs) -> Scalar:
    """-E D(X)."""
    return -jnp.mean(inputs.on_fake.logits)


def discriminator_wasserstein_sum(inputs: LossInputs) -> Scalar:
    """The same with the sum of each clip's scores for D, where there are several (TGAN's code)."""
    return _mean_sum(inputs.on_fake.logits) - _mean_sum(inputs.real_logits)


def generator_wasserstein_sum(inputs: LossInputs) -> Scalar:
    """-E D(X), with the sum of each clip's scores for D."""
    return -_mean_sum(inputs.on_fake.logits)


def discriminator_hinge(inputs: LossInputs) -> Scalar:
    """E max(0, 1 - D(Y)) + E max(0, 1 + D(X)) (Zhang et al. 2018, SAGAN)."""
    real = jax.nn.relu(1.0 - inputs.real_logits)
    return jnp.mean(real) + jnp.mean(jax.nn.relu(1.0 + inputs.on_fake.logits))


def _mean_sum(logits: Float[Array, "b *patch"]) -> Scalar:
    """The mean over clips of the sum of a clip's scores."""
    return jnp.sum(logits) / len(logits)


DISCRIMINATOR = {
    "vanilla": discriminator_vanilla,
    "wasserstein": discriminator_wasserstein,
    "wasserstein_sum": discriminator_wasserstein_sum,
    "hinge": discriminator_hinge,
}
GENERATOR = {
    "vanilla": generator_vanilla,
    "vanilla_saturating": generator_vanilla_saturating,
    "wasserstein": generator_wasserstein,
    "wasserstein_sum": generator_wasserstein_sum,
    "hinge": generator_wasserstein,  # hinge changes the discriminator's side only
}
