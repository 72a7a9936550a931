"""Models by name."""

from functools import partial

import jax
import jax.numpy as jnp
import pytest
from flax import linen as nn
from flax.errors import InvalidRngError

from ssagan_jax import models
from ssagan_jax.animation.animator import draws_noise
from ssagan_jax.models.mdgan import Discriminator
from ssagan_jax.models.ssagan import Generator
from ssagan_jax.models.variables import initialise


def test_available_by_role():
    assert {"ssagan", "still"} <= set(models.available())
    assert "mdgan" in models.available("Discriminator")
    assert "still" not in models.available("Discriminator")


def test_fields_left_out_are_the_papers():
    assert models.generator("ssagan") == Generator(size=128, frames=32, features=32)
    assert models.discriminator("mdgan", features=8) == Discriminator(
        size=128, frames=32, features=8
    )


def test_a_new_file_is_a_new_model(tmp_path, monkeypatch):
    (tmp_path / "flicker.py").write_text("class Generator:\n    pass\n", encoding="utf-8")
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    assert "flicker" in models.available()


@pytest.mark.parametrize("role", ["generator", "discriminator"])
def test_unknown_name(role):
    known = ", ".join(models.available(role.capitalize()))
    with pytest.raises(ValueError, match=rf'Unknown {role} "ssagann"\. Available: {known}\.'):
        getattr(models, role)("ssagann")


def test_unknown_field_names_the_nearest():
    message = (
        r'Generator "ssagan" has no field "feature"\. Did you mean "features"\? Fields: size, '
    )
    with pytest.raises(ValueError, match=message):
        models.generator("ssagan", feature=8)
    with pytest.raises(ValueError, match=r'has no field "zzz"\. Fields: size, frames'):
        models.discriminator("mdgan", zzz=8)


def test_linens_own_fields_are_not_fields_of_a_model():
    with pytest.raises(ValueError, match='has no field "parent"'):
        models.generator("ssagan", parent=nn.Dense(1))


@pytest.mark.parametrize("name", models.available())
def test_a_generator_says_whether_it_draws_noise(name):
    module = models.generator(name, size=32, frames=8)
    frame = jax.ShapeDtypeStruct((1, 32, 32, 3), jnp.float32)
    params, stats = jax.eval_shape(partial(initialise, module), jax.random.key(0), frame)
    variables = {"params": params, **stats}

    def apply(variables, frame):
        return module.apply(variables, frame, train=False).clip

    if draws_noise(module):
        with pytest.raises(InvalidRngError):
            jax.eval_shape(apply, variables, frame)
    else:
        jax.eval_shape(apply, variables, frame)
