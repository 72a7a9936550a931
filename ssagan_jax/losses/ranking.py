"""MD-GAN's ranking loss: the refined clip should move as the true one, not as the first stage's.

How a clip moves is told by the Gram matrices g of the discriminator's first and third blocks. A
distance |.|_1 is the sum over the entries, as the norm is written: at 128 pixels a mean would
divide by a million, leaving both exponentials at 1 and the loss at log 2, whatever the clips.
"""

from typing import Any

import jax
import jax.numpy as jnp

from ssagan_jax.losses.inputs import LossInputs
from ssagan_jax.ops.gram import gram
from ssagan_jax.types import Judged, Scalar

BLOCKS = (0, 2)


def ranking(inputs: LossInputs) -> Scalar:
    """-log(e^-p / (e^-p + e^-n)), p = |g(Y2) - g(Y)|_1, n = |g(Y2) - g(Y1)|_1.

    Y is real, Y1 the first stage's clip, Y2 the second's. Averaged over clips, summed over the
    two blocks (Xiong et al. 2018). This reading of the negative pushes Y2 away from Y1.

    Raises:
      ValueError: if the generator has no first stage, or the discriminator fewer than three
        blocks.
    """
    return sum(
        _loss(_distance(second, real), _distance(second, first))
        for real, first, second in _grams(inputs)
    )


def ranking_real(inputs: LossInputs) -> Scalar:
    """The same with n = |g(Y1) - g(Y)|_1, as the SSA-GAN authors' code has it.

    A constant for the generator, which then gains from p alone; it teaches the discriminator.
    """
    return sum(
        _loss(_distance(second, real), _distance(first, real))
        for real, first, second in _grams(inputs)
    )


def discriminator_ranking(inputs: LossInputs) -> Scalar:
    """Minus ``ranking``: the discriminator maximises it. It has no upper bound."""
    return -ranking(inputs)


def discriminator_ranking_real(inputs: LossInputs) -> Scalar:
    """Minus ``ranking_real``."""
    return -ranking_real(inputs)


def _grams(inputs):
    """For each block: the Gram matrices of the real, the first and the second clip."""
    if "stage1" not in inputs.fake.extras:
        raise ValueError(
            "The ranking loss compares with a first stage, and this generator has none: use "
            'config.generator.name="mdgan" with config.generator.stage=2, or drop the loss.'
        )
    # The generator's update has not judged the real clips.
    real = inputs.judge(inputs.real) if inputs.on_real is None else inputs.on_real
    first = inputs.judge(jax.lax.stop_gradient(inputs.fake.extras["stage1"]))
    return zip(*(_blocks(judged) for judged in (real, first, inputs.on_fake)), strict=True)


def _blocks(judged: Judged) -> Any:
    if len(judged.features) <= max(BLOCKS):
        raise ValueError(
            "The ranking loss takes the features of the discriminator's first and third blocks; "
            f'this one has {len(judged.features)}. Use config.discriminator.name="mdgan".'
        )
    return [gram(judged.features[block]) for block in BLOCKS]


def _distance(one, other):
    """Of each clip."""
    return jnp.sum(jnp.abs(one - other), axis=(1, 2))


def _loss(positive, negative):
    return jnp.mean(jax.nn.softplus(positive - negative))


DISCRIMINATOR = {"ranking": discriminator_ranking, "ranking_real": discriminator_ranking_real}
GENERATOR = {"ranking": ranking, "ranking_real": ranking_real}
