"""How weighted losses add up."""

import numpy as np
import pytest

from ssagan_jax.losses import DISCRIMINATOR, GENERATOR, weighted_sum
from tests.helpers.stubs import loss_inputs

DRAW = np.random.default_rng(0)
REAL = DRAW.uniform(-1, 1, (2, 2, 12, 12, 3)).astype(np.float32)
FAKE = DRAW.uniform(-1, 1, REAL.shape).astype(np.float32)


def inputs():
    return loss_inputs(REAL, FAKE, on_fake=np.float32([[0.7], [-2.0]]))


def test_weighted_sum_returns_the_terms_unweighted():
    weights = {"wasserstein": 2.0, "l1": 10.0}
    total, terms = weighted_sum(GENERATOR, weights, inputs())
    assert set(terms) == set(weights)
    assert terms["wasserstein"] == pytest.approx(0.65)
    assert terms["l1"] == pytest.approx(np.abs(FAKE - REAL).mean(), rel=1e-5)
    assert total == pytest.approx(2 * 0.65 + 10 * np.abs(FAKE - REAL).mean(), rel=1e-5)


def test_no_losses_sum_to_a_scalar_zero():
    total, terms = weighted_sum(GENERATOR, {}, inputs())
    assert (total, total.shape, terms) == (0, (), {})


def test_unknown_loss():
    known = ", ".join(sorted(DISCRIMINATOR))
    with pytest.raises(ValueError, match=rf'Unknown loss "l1"\. Known: {known}\.'):
        weighted_sum(DISCRIMINATOR, {"l1": 1.0}, inputs())
