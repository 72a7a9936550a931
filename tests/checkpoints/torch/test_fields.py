"""What is told from the names and shapes in a file. No PyTorch: the shapes are of our modules."""

import pytest

from ssagan_jax import models
from ssagan_jax.checkpoints.torch import fields, layout, names
from ssagan_jax.checkpoints.torch.loading import expected_shapes


def shapes_of(module, *, levels, prefix="", role="generator", dead=()):
    """The names and shapes of the file that this module's weights would be in."""
    table = names.generator_table if role == "generator" else names.discriminator_table
    options = {"prefix": prefix} if role == "generator" else {}
    wanted = expected_shapes(module, role)
    places = table(levels, spectral_norm=module.spectral_norm, **options)
    found = {
        name: layout.in_file(wanted[place.path], place.kind)
        for name, place in places.items()
        if place.path in wanted
    }
    assert len(found) == len(wanted)  # every variable has a name
    return {**found, **{f"{block}.gamma": (1,) for block in dead}}


TEN = [f"{side}attn_{n}" for side in ("", "up_") for n in range(1, 6)]
CASES = [
    (dict(name="ssagan", features=2), dict(attention="shared", c_cal=1, gate="gamma")),
    (dict(name="ssagan", features=2, attention="none"), dict(attention="none", skips="concat")),
    (
        dict(name="ssagan", features=6, skips="sum", attention_at=("encoder",), c_cal=4),
        dict(attention="shared", attention_at=("encoder",), c_cal=4, skips="sum", dead=TEN[5:]),
    ),
    (
        dict(name="ssagan", features=2, attention="spatiotemporal", attention_at=("decoder5",)),
        dict(attention="spatiotemporal", attention_at=("decoder5",)),
    ),
    (
        dict(name="ssagan", features=2, spectral_norm=False, gate="none_zero_init"),
        dict(gate="none_normal_init", spectral_norm=False),
    ),
    (
        dict(name="ssagan", features=2, size=64, bottleneck="halve", share_attention=True),
        dict(share_attention=True, attention_at=None, dead=["attn_5", *TEN[5:]]),
    ),
]


@pytest.mark.parametrize(("made", "told"), CASES)
def test_generators_of_ssagan(made, told):
    """The module made from the fields that were found has the variables it was found by."""
    module = models.generator(**made)
    levels = 5 if module.size == 128 else 4
    shapes = shapes_of(module, levels=levels, dead=told.get("dead", ()))
    network = fields.detect_generator(shapes, model="ssagan", stage=1)
    assert network.name == "ssagan"
    told = {name: value for name, value in told.items() if name != "dead"}
    assert {name: network.fields.get(name) for name in told} == told
    again = models.generator(network.name, **network.fields)
    assert expected_shapes(again, "generator") == expected_shapes(module, "generator")
    unused = {name for name in shapes if name.startswith(network.unused)}
    assert unused == shapes.keys() - shapes_of(module, levels=levels).keys()


def test_a_second_stage_has_sums_at_its_three_deepest_levels_and_attention_everywhere():
    module = models.generator("ssagan", features=2, skips="sum", skip_levels=3, c_cal=2)
    network = fields.detect_generator(shapes_of(module, levels=5), model="ssagan", stage=2)
    found = models.generator(network.name, **network.fields)
    assert (found.skip_levels, found.c_cal, network.unused) == (3, 2, ())
    assert found.attention_at == ("encoder", "decoder")


@pytest.mark.parametrize("spectral_norm", [False, True])
def test_both_stages_of_mdgan(spectral_norm):
    made = dict(features=2, spectral_norm=spectral_norm)
    shapes = shapes_of(models.generator("mdgan", **made), levels=5, prefix="stage1/")
    first = fields.detect_generator(shapes, model="mdgan", stage=1)
    expected_fields = dict(size=128, frames=32, **made)
    bottlenecks = ("whole", "whole")
    assert (first.name, first.fields) == (
        "mdgan",
        {**expected_fields, "stage": 1, "bottlenecks": bottlenecks},
    )
    second = fields.detect_generator(shapes, model="mdgan", stage=2)
    skips = dict(skips="sum", skip_levels=3, bottleneck="whole")
    assert (second.name, second.fields) == ("unet", {**expected_fields, **skips})


@pytest.mark.parametrize(("bottleneck", "stage"), [("pair", 1), ("halve", 2)])
def test_the_64_pixel_files_of_mdgan_tell_their_stage(bottleneck, stage):
    made = dict(features=2, size=64, skips="sum", bottleneck=bottleneck, spectral_norm=False)
    shapes = shapes_of(models.generator("unet", **made), levels=4)
    network = fields.detect_generator(shapes, model="mdgan", stage=stage)
    assert network.name == ("mdgan" if stage == 1 else "unet")
    message = rf"of MD-GAN's stage {stage}, by .* not of stage {3 - stage}: pass stage={stage}\."
    with pytest.raises(ValueError, match=message):
        fields.detect_generator(shapes, model="mdgan", stage=3 - stage)


def test_attention_on_the_skips_alone_is_no_model_here():
    module = models.generator(
        "unet", features=2, size=64, skips="sum", bottleneck="pair", spectral_norm=False
    )
    shapes = {**shapes_of(module, levels=4), "attn_1.gamma": (1,)}
    with pytest.raises(ValueError, match=r"64-pixel generator with summed skips and attention on"):
        fields.detect_generator(shapes, model="ssagan", stage=1)


def test_a_file_of_something_else():
    with pytest.raises(ValueError, match=r"no 3-D convolution slice1\.0 .*another role.*: fc\."):
        fields.detect_discriminator({"fc.bias": (3,), "slice1.0.weight": (3,)})
    with pytest.raises(ValueError, match=r"no 3-D convolution downConv1 in the file"):
        fields.detect_generator({"slice1.0.weight": (2, 3, 3, 4, 4)}, model="ssagan", stage=1)
