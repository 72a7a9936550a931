"""Every entry of both tables against arithmetic in NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.losses import DISCRIMINATOR, GENERATOR
from ssagan_jax.types import Judged
from tests.helpers.reference import sigmoid
from tests.helpers.stubs import loss_inputs, quick_jit

DRAW = np.random.default_rng(0)
REAL = DRAW.uniform(-1, 1, (2, 2, 12, 12, 3)).astype(np.float32)
FAKE = DRAW.uniform(-1, 1, REAL.shape).astype(np.float32)
ON_REAL, ON_FAKE = np.float32([[3.0], [-0.4]]), np.float32([[0.7], [-2.0]])


def inputs(on_fake=ON_FAKE):
    return loss_inputs(REAL, FAKE, on_real=ON_REAL, on_fake=on_fake)


BY_HAND = {
    "discriminator": {
        "vanilla": -np.log(sigmoid(ON_REAL)).mean() - np.log(1 - sigmoid(ON_FAKE)).mean(),
        "wasserstein": -0.65 - 1.3,  # E D(X) - E D(Y)
        "wasserstein_sum": -0.65 - 1.3,
        "hinge": (0 + 1.4) / 2 + (1.7 + 0) / 2,
    },
    "generator": {
        "vanilla": -np.log(sigmoid(ON_FAKE)).mean(),
        "vanilla_saturating": np.log(1 - sigmoid(ON_FAKE)).mean(),
        "wasserstein": 0.65,
        "wasserstein_sum": 0.65,
        "hinge": 0.65,
        "l1": np.abs(FAKE - REAL).mean(),
        "mse": np.square(FAKE - REAL).mean(),
        "first_frame": np.abs(FAKE - REAL)[:, 0].mean(),
    },
}
TABLES = {"discriminator": DISCRIMINATOR, "generator": GENERATOR}


@pytest.fixture(scope="module")
def found():
    """All losses: one compilation."""
    return quick_jit(
        lambda: {
            role: {name: TABLES[role][name](inputs()) for name in losses}
            for role, losses in BY_HAND.items()
        }
    )()


@pytest.mark.parametrize(
    ("role", "name"), [(role, name) for role, losses in BY_HAND.items() for name in losses]
)
def test_loss_by_hand(found, role, name):
    assert found[role][name] == pytest.approx(BY_HAND[role][name], rel=1e-5)


def test_several_scores_of_a_clip_are_averaged_or_summed():
    on_real, on_fake = np.float32([[3.0, 1.0], [-1.0, 2.0]]), np.float32([[0.5, 0.0], [-2.0, 1.0]])
    several = loss_inputs(REAL, FAKE, on_real=on_real, on_fake=on_fake)
    for name, scores in (("wasserstein", 1), ("wasserstein_sum", 2)):
        found = [TABLES[role][name](several) for role in ("generator", "discriminator")]
        np.testing.assert_allclose(found, np.multiply(scores, [0.125, -0.125 - 1.25]), rtol=1e-6)


def test_every_loss_has_a_test():
    ranking = {"ranking", "ranking_real"}
    warping = {"velocity_variation", "change", "wind_likelihood"}
    elsewhere = {
        "discriminator": {"gradient_penalty"} | ranking,
        "generator": {"ssim", "mask_sparsity", "mask_cross_entropy"} | ranking | warping,
    }
    for role, table in TABLES.items():
        assert table.keys() == BY_HAND[role].keys() | elsewhere[role]


@pytest.mark.parametrize("logit", [-200.0, 200.0])
def test_vanilla_losses_stay_finite_at_large_logits(logit):
    @quick_jit
    def losses():
        sure = inputs(on_fake=np.full((2, 1), logit, np.float32))
        saturating = GENERATOR["vanilla_saturating"](sure)
        return DISCRIMINATOR["vanilla"](sure), GENERATOR["vanilla"](sure), saturating

    discriminators, generators, saturating = losses()
    assert discriminators == pytest.approx(max(logit, 0) + 0.48081, rel=1e-4)
    assert generators == pytest.approx(max(-logit, 0), abs=1e-6)
    assert saturating == pytest.approx(-max(logit, 0), abs=1e-6)


def test_minimising_moves_the_scores_the_right_way():
    def slope(table, name, which):
        def loss(logits):
            return table[name](inputs().replace(**{which: Judged(logits=logits)}))

        return jax.grad(loss)(jnp.full((2, 1), 0.1))

    @quick_jit
    def slopes():
        adversarial = ("vanilla", "vanilla_saturating", "wasserstein", "hinge")
        real = [slope(DISCRIMINATOR, name, "on_real") for name in BY_HAND["discriminator"]]
        fake = [slope(DISCRIMINATOR, name, "on_fake") for name in BY_HAND["discriminator"]]
        return real, fake, [slope(GENERATOR, name, "on_fake") for name in adversarial]

    real, fake, generated = map(np.asarray, slopes())
    assert (real < 0).all()  # real clips up
    assert (fake > 0).all()  # generated ones down
    assert (generated < 0).all()  # generated ones up
