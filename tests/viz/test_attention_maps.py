"""What attention looks at: taken out of a generator, and drawn."""

import jax
import numpy as np
import pytest
from flax import linen as nn
from PIL import Image

from ssagan_jax.models import mdgan, ssagan
from ssagan_jax.models.layers.attention import SelfAttention
from ssagan_jax.ops.clip import still
from ssagan_jax.viz.attention_maps import (
    attention_maps,
    compute_attention_distance,
    find_sky_and_land,
    replace_gamma,
)
from ssagan_jax.viz.attention_sheet import attention_sheet
from tests.helpers.stubs import variables

SMALL = dict(size=32, frames=8, features=2)
PHOTOS = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
POINTS = np.array([[[0.1, 0.9], [0.6, 0.2]], [[0.5, 0.5], [0.99, 0.0]]])


def module(**fields):
    places = ("encoder2", "decoder3")
    return ssagan.Generator(**SMALL, **{"attention_at": places, **fields})


def drawn(generator, *, scale):
    """Variables whose attention is neither uniform nor on one position alone."""
    frame = np.zeros((1, 32, 32, 3), np.float32)
    made = variables(generator, frame)

    def wider(path, leaf):
        return leaf * scale if {"query", "key"} & {str(p.key) for p in path} else leaf

    return jax.tree_util.tree_map_with_path(wider, made)


@pytest.mark.parametrize(
    ("fields", "frames"),
    [
        ({"attention": "per_frame"}, (1, 1)),
        ({"attention": "spatiotemporal", "remat": "levels", "precision": "bfloat16"}, (4, 8)),
    ],
)
def test_each_level_has_weights_for_each_point(fields, frames):
    generator = module(**fields)
    maps = attention_maps(generator, drawn(generator, scale=0.3), PHOTOS, POINTS)
    assert [(name, rows.shape) for name, rows in maps.items()] == [
        ("encoder2", (2, 2, frames[0], 8, 8)),
        ("decoder3", (2, 2, frames[1], 16, 16)),
    ]
    for rows in maps.values():
        np.testing.assert_allclose(rows.sum((2, 3, 4)), 1, rtol=1e-4)
    rows = maps["encoder2"]
    assert np.abs(rows[0, 0] - rows[0, 1]).max() > 1e-3  # points differ
    assert np.abs(rows[0, 1] - rows[1, 1]).max() > 1e-3  # photos differ


class Folding(nn.Module):
    """A generator that has a shorter way for equal frames."""

    fold: bool = True
    attention: str = "spatiotemporal"

    @nn.compact
    def __call__(self, frame, *, train):
        clip = still(frame, frames=1 if self.fold else 4)
        return SelfAttention(self.attention, name="attention_encoder1")(clip, train=train)


def test_every_frame_is_computed():
    made = variables(Folding(), np.zeros((1, 32, 32, 3), np.float32))
    maps = attention_maps(Folding(), made, PHOTOS, POINTS)
    assert maps["encoder1"].shape == (2, 2, 4, 32, 32)


def test_without_attention_there_is_nothing():
    generator = mdgan.Generator(**SMALL)
    params = {"params": {"stage1": {"down1": {}}}}
    assert attention_maps(generator, params, PHOTOS, POINTS) == {}


def test_a_block_that_is_called_twice_has_two_maps():
    places = ("encoder2", "decoder")
    generator = module(attention="shared", share_attention=True, attention_at=places)
    maps = attention_maps(generator, drawn(generator, scale=1.0), PHOTOS[:1], POINTS[:1])
    assert {"encoder2", "encoder2 again"} <= maps.keys()


def test_the_brightest_sky_and_the_darkest_land():
    photo = np.full((64, 48, 3), 128, np.uint8)
    photo[4:8, 6:9] = 255
    photo[60:, 45:] = 0
    np.testing.assert_allclose(
        find_sky_and_land(photo), [[1.5 / 16, 2.5 / 16], [15.5 / 16, 15.5 / 16]]
    )


def test_the_heaviest_place_is_the_most_orange():
    photos = np.full((1, 128, 128, 3), 100, np.uint8)
    weights = np.zeros((1, 1, 2, 4, 4), np.float32)
    weights[0, 0, :, 1, 3] = 0.4  # over both frames the largest
    weights[0, 0, 0, 2, 0] = 0.2
    points = np.array([[[0.9, 0.1]]])
    sheet = attention_sheet(photos, points, {"encoder1": weights}, gammas={"encoder1": 0.1})
    assert sheet.shape == (38 + 134, 6 + 2 * 134, 3)
    map_ = sheet[38 : 38 + 128, 6 + 134 : 6 + 134 + 128].astype(int)
    orange = map_[..., 0] - map_[..., 2]
    heaviest, lighter, none = orange[48, 112], orange[80, 16], orange[16, 16]
    assert heaviest > 150 and 30 < lighter < 80 and none == 0
    photo = sheet[38 : 38 + 128, 6 : 6 + 128]
    changed = np.argwhere((photo != 100).any(-1))
    assert abs(changed.mean(0) / 128 - points[0, 0]).max() < 0.02  # the ring
    named = attention_sheet(photos, points, {"encoder1": weights}, gammas={})
    assert (named[:38] != sheet[:38]).any()  # gamma is written beside the name
    assert Image.fromarray(sheet).size == (274, 172)


def test_gammas_are_set():
    params = {
        "attention_encoder1": {"gamma": np.float32(0), "query": {"bias": 1}},
        "attention_encoder2": {"project": 2},  # a gate without gamma
        "down1": {"gamma": 3},  # another's
    }
    found = replace_gamma({"params": params, "stats": 4}, 0.5)
    assert found == {
        "params": {
            "attention_encoder1": {"gamma": np.float32(0.5), "query": {"bias": 1}},
            "attention_encoder2": {"project": 2},
            "down1": {"gamma": 3},
        },
        "stats": 4,
    }
    assert params["attention_encoder1"]["gamma"] == 0


def test_how_far_a_point_looks():
    weights = np.zeros((1, 2, 2, 4, 8))
    weights[0, 0, 0, 1, 2] = 1  # where the first point is
    weights[0, 1, :, 3, 5] = 0.25, 0.75  # from the second: 3 / 4 down, 4 / 8 right
    weights = weights.astype(np.float32)
    points = np.array([[[1.5 / 4, 2.5 / 8], [0.5 / 4, 1.5 / 8]]])
    np.testing.assert_allclose(
        compute_attention_distance(weights, points), [[0, np.hypot(0.75, 0.5)]], atol=1e-6
    )
