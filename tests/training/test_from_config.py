"""From a configuration to everything that does not change during training."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from ssagan_jax.config import loading
from ssagan_jax.config.schema import Config
from ssagan_jax.models import from_config
from ssagan_jax.models.ssagan import Generator
from ssagan_jax.training.from_config import build_gan


def build(settings):
    return build_gan(Config.from_json(settings))


@pytest.fixture
def settings():
    return loading.load("configs/ssagan.py:tiny").to_dict()


def test_gan_has_losses_and_ema(settings):
    settings["ema_decay"] = 0.5
    gan = build(settings)
    assert gan.generator_losses == {"vanilla": 1.0, "l1": 10.0}
    assert gan.discriminator_losses == {"vanilla": 1.0}
    assert gan.ema_decay == 0.5
    config = Config.from_json(settings)
    assert gan.generator == from_config.generator(config.generator)
    assert gan.discriminator == from_config.discriminator(config.discriminator)


def test_gammas_may_learn_faster_than_all_else(settings):
    parameters = {"attention": {"gamma": jnp.ones(()), "kernel": jnp.ones((2,))}}
    updates = []
    for rate in (1.0, 10.0):
        settings["optimizer"]["gamma_rate"] = rate
        optimizer = build(settings).optimizer
        updates.append(optimizer.update(parameters, optimizer.init(parameters), parameters)[0])
    slow, fast = (each["attention"] for each in updates)
    np.testing.assert_array_equal(fast["gamma"], 10 * slow["gamma"])
    np.testing.assert_array_equal(fast["kernel"], slow["kernel"])


def test_a_generator_with_a_constraint_is_refused(settings, monkeypatch):
    monkeypatch.setattr(Generator, "constrain", lambda self, params, stats: params, raising=False)
    with pytest.raises(ValueError, match=r"The generator ssagan_jax\.models\.\S+ has a constrain"):
        build(settings)


def test_networks_compute_as_the_config_says(settings):
    settings.update(precision="bfloat16", remat="levels", micro_batches=4)
    gan = build(settings)
    for module in (gan.generator, gan.discriminator):
        assert (module.precision, module.remat) == ("bfloat16", "levels")
    assert gan.micro_batches == 4


def test_stored_configs_of_earlier_versions_compute_as_they_did(settings):
    expected = build(settings)
    for key in ("precision", "remat", "micro_batches"):
        del settings[key]
    gan = build(settings)
    assert (gan.generator, gan.discriminator) == (expected.generator, expected.discriminator)
    assert gan.micro_batches == 1


@pytest.mark.parametrize("count", [0, 3])
def test_micro_batches_that_do_not_divide_the_batch(settings, count):
    settings["micro_batches"] = count
    message = rf"config\.micro_batches is {count}; expected a divisor of config\.batch_size, 8\."
    with pytest.raises(ValueError, match=message):
        build(settings)


def updates(optimizer, gradients):
    state, found = optimizer.init(jnp.zeros(1)), []
    for gradient in gradients:
        update, state = optimizer.update(jnp.asarray([gradient]), state)
        found.append(float(update[0]))
    return found


def test_adam_has_the_configs_betas_and_no_learning_rate(settings):
    settings["optimizer"].update(b1=0.6, b2=0.7)
    m = np.array([0.4 * 2, 0.6 * 0.4 * 2 + 0.4 * -1]) / (1 - 0.6 ** np.array([1, 2]))
    v = np.array([0.3 * 4, 0.7 * 0.3 * 4 + 0.3 * 1]) / (1 - 0.7 ** np.array([1, 2]))
    found = updates(build(settings).optimizer, [2.0, -1.0])
    assert found == pytest.approx(m / np.sqrt(v), rel=1e-5)


def test_rmsprop_is_chainers(settings):
    """g / (sqrt(m) + 1e-8), m an average of squares that starts at 0, without correction."""
    settings["optimizer"].update(name="rmsprop", b2=0.99)
    m = np.array([0.01 * 4, 0.99 * 0.01 * 4 + 0.01 * 1])
    found = updates(build(settings).optimizer, [2.0, -1.0])
    assert found == pytest.approx(np.array([2.0, -1.0]) / (np.sqrt(m) + 1e-8), rel=1e-5)
    small = updates(build(settings).optimizer, [1e-8])  # epsilon is beside the root
    assert small == pytest.approx([1e-8 / (1e-9 + 1e-8)], rel=1e-4)


def test_sgd_is_the_gradient(settings):
    settings["optimizer"]["name"] = "sgd"
    assert updates(build(settings).optimizer, [2.0, -1.0]) == [2.0, -1.0]


def test_the_rate_is_scaled_at_each_boundary(settings):
    settings["optimizer"].update(learning_rate=0.5, boundaries=(3, 6), scale=0.25)
    rate = jax.jit(build(settings).learning_rate)
    found = [float(rate(jnp.int32(step))) for step in (0, 2, 3, 5, 6, 100)]
    assert found == pytest.approx([0.5, 0.5, 0.125, 0.125, 0.03125, 0.03125])


def test_the_rate_without_boundaries(settings):
    rate = build(settings).learning_rate
    assert float(rate(jnp.int32(10**6))) == pytest.approx(2e-4)
    assert isinstance(build(settings).optimizer, optax.GradientTransformation)


def test_unknown_losses(settings):
    settings["generator_losses"] = {"ssmi": 1.0}
    message = r'Unknown generator loss "ssmi"\. Did you mean "ssim"\? Known: .*l1, .*ssim, '
    with pytest.raises(ValueError, match=message):
        build(settings)
    settings["generator_losses"] = {}
    settings["discriminator_losses"] = {"zzz": 1.0}
    with pytest.raises(ValueError, match=r'Unknown discriminator loss "zzz"\. Known: gradient_pen'):
        build(settings)


def test_unknown_optimizer(settings):
    settings["optimizer"]["name"] = "adamw"
    with pytest.raises(
        ValueError, match=r'Unknown optimizer "adamw"\. Known: adam, rmsprop, sgd\.'
    ):
        build(settings)
