"""From a configuration to modules."""

import json

import pytest

from ssagan_jax.config import loading
from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.models import from_config
from ssagan_jax.models.mdgan import Discriminator
from ssagan_jax.models.ssagan import Generator


@pytest.fixture
def settings():
    return loading.load("configs/ssagan.py:tiny").to_dict()


def generator(settings):
    return from_config.generator(NetworkConfig.from_json(settings, "generator"))


def discriminator(settings):
    return from_config.discriminator(NetworkConfig.from_json(settings, "discriminator"))


def test_networks_take_their_fields_and_the_clips_size(settings):
    settings["generator"].update(c_cal=2, attention_at=("decoder",))
    settings["discriminator"].update(norm="layer")
    assert generator(settings) == Generator(
        size=32, frames=8, features=4, c_cal=2, attention_at=("decoder",)
    )
    assert discriminator(settings) == Discriminator(size=32, frames=8, features=4, norm="layer")


def test_a_config_read_back_from_json_builds_the_same(settings):
    stored = json.loads(json.dumps(settings))
    assert stored["generator"]["attention_at"] == ["encoder", "decoder"]
    assert generator(stored) == generator(settings)
    assert hash(generator(stored)) == hash(generator(settings))


@pytest.mark.parametrize(("option", "value"), [("precision", "bfloat16"), ("remat", "levels")])
def test_options_that_a_model_does_not_have(option, value):
    settings = loading.load("configs/vgan.py:tiny").to_dict()
    generator(settings)
    settings[option] = value
    message = rf'config\.{option}="{value}": the generator "vgan" has no such option\. Set config'
    with pytest.raises(ValueError, match=message):
        generator(settings)


def test_unknown_model_and_field(settings):
    settings["generator"]["name"] = "ssgan"
    with pytest.raises(ValueError, match='Unknown generator "ssgan"'):
        generator(settings)
    settings["discriminator"]["sigmoids"] = True
    with pytest.raises(ValueError, match=r'has no field "sigmoids"\. Did you mean "sigmoid"\?'):
        discriminator(settings)
