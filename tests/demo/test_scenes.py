"""What is told of a photo, so that the page can blow it."""

import json

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.animation import named_winds
from ssagan_jax.demo import clips, scenes
from ssagan_jax.demo.orders import Order
from tests.demo.test_clips import file_of, scene
from tests.helpers.movers import blower, mover
from tests.helpers.visitors import finished, order, serving

SIZE = (48, 64)


def told(folder, photo, model, *, mask=None, **asked):
    """The files of a scene: what is told, its motions and its light."""
    folder.mkdir()
    (folder / clips.UPLOAD).write_bytes(file_of(photo))
    if mask is not None:
        (folder / clips.MASK).write_bytes(file_of(mask))
    clips.maker(model, side=64)(folder, Order(live=True, **asked), lambda done, total: None)
    found = json.loads((folder / scenes.SCENE).read_text())
    numbers = np.frombuffer((folder / scenes.MOTION).read_bytes(), "<f2").astype(np.float32)
    cells = found["rows"] * found["columns"]
    motion, away, light = np.split(numbers, [3 * cells, 5 * cells])
    return (
        found,
        motion.reshape(found["rows"], found["columns"], 3),
        away.reshape(found["rows"], found["columns"], 2),
        light.reshape(found["frames"], found["side"], found["side"], 3),
    )


def test_the_velocity_of_any_wind_follows_from_a_scene(tmp_path):
    """The mask times the wind plus the rest is what the renderer would make of it, in its cells."""
    photo, model = scene(*SIZE), blower()
    found, motion, _, light = told(tmp_path / "a", photo, model)
    assert (found["height"], found["width"], found["frames"]) == (*SIZE, 16)
    fields = scenes.fields_of(photo, model)
    np.testing.assert_allclose(found["wind"], fields.wind)
    wind = np.array([-0.003, 0.02], np.float32)
    fields = fields._replace(velocity=fields.velocity + fields.mask[..., None] * wind)
    renderer = scenes.renderer_of(photo, fields, None)
    wanted = renderer.spread(fields.velocity, fields.mask)[:: scenes.WIDER, :: scenes.WIDER]
    cells = np.array([64, 48]) / found["step"]
    velocity = motion[..., :1] * (found["wind"] + wind) * cells + motion[..., 1:]
    np.testing.assert_allclose(velocity, wanted / scenes.WIDER, atol=0.02)
    assert np.abs(wanted).max() > 0.3
    np.testing.assert_allclose(light.max(axis=(1, 2, 3)), np.arange(16) / 2, atol=0.02)


@pytest.mark.parametrize("wind", ["away", "near"])
def test_what_goes_away_is_the_commands(tmp_path, wind):
    photo, model = scene(*SIZE), blower()
    found, _, away, _ = told(tmp_path / "a", photo, model)
    fields = scenes.fields_of(photo, model, wind=wind)
    renderer = scenes.renderer_of(photo, fields, None)
    wanted = renderer.spread(fields.velocity, fields.mask)[:: scenes.WIDER, :: scenes.WIDER]
    pace = np.hypot(found["wind"][0], found["wind"][1] * SIZE[0] / SIZE[1])
    sign = named_winds.RADIAL[wind]
    # Between cells it changes, of which the one is twice as wide as the other.
    np.testing.assert_allclose(sign * pace * away, wanted / scenes.WIDER, atol=0.05)
    assert (sign * wanted[:10, :10, 0]).min() > 0.05  # to the middle, or from it


def test_what_is_painted_goes_away_too():
    """As far as the horizon, which is the lower edge of all that moves then."""
    fields = scenes.fields_of(scene(*SIZE), blower(), wind="away")
    mask = np.full(SIZE, 255, np.uint8)
    found = scenes.painted(fields, mask, wind="away")
    own = named_winds.radial(found.mask, speed=0.01, aspect=0.75)
    np.testing.assert_allclose(found.velocity, own, atol=1e-6)
    assert (found.velocity[-8:-4, :8, 0] > fields.velocity[-8:-4, :8, 0]).all()


def test_its_pictures_are_the_renderers(tmp_path):
    photo = scene(*SIZE)
    told(tmp_path / "a", photo, blower())
    renderer = scenes.renderer_of(photo, scenes.fields_of(photo, blower()), None)
    for name, wanted in [(scenes.LAYER, renderer.layer), (scenes.ALPHA, renderer.alpha)]:
        np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a" / name)), wanted)


def test_what_is_painted_is_what_moves(tmp_path):
    mask = np.zeros(SIZE, np.uint8)
    mask[30:, 20:50] = 255  # the ground, of which the model says nothing
    _, motion, _, _ = told(tmp_path / "a", scene(*SIZE), blower(), mask=mask, moves="painted")
    assert motion[-4, 16, 0] > 0.5  # with the wind
    found = np.asarray(Image.open(tmp_path / "a" / scenes.ALPHA))
    np.testing.assert_array_equal(found, mask)


def test_a_photo_in_which_nothing_moves(tmp_path):
    with pytest.raises(ValueError, match=r"No sky was found in the photo\. Paint"):
        told(tmp_path / "a", np.full((*SIZE, 3), 40, np.uint8), blower())


def test_visitors_get_a_scene_or_a_clip(monkeypatch, tmp_path):
    with serving(monkeypatch, tmp_path, model=blower()) as server, server.client() as client:
        assert client.get("/api/about").json()["blows"] is True
        ordered = order(client, file_of(scene(*SIZE)), live=1).json()
        assert finished(client, ordered["name"])["state"] == "ready"
        got = {
            name: client.get(f"/api/clips/{ordered['name']}/{name}").status_code
            for name in (scenes.SCENE, scenes.LAYER, scenes.ALPHA, scenes.MOTION, clips.VIDEO)
        }
        assert list(got.values()) == [200, 200, 200, 200, 404]
        refused = order(client, file_of(scene(*SIZE)), wind="north")
        assert (refused.status_code, "A wind is right" in refused.text) == (400, True)


def test_light_is_coarse(tmp_path):
    found, _, _, light = told(tmp_path / "a", scene(*SIZE), blower(size=40))
    assert found["side"] == scenes.LIGHT_SIDE and light.shape[1:] == (32, 32, 3)


def test_models_without_a_wind_have_no_scene(tmp_path):
    with pytest.raises(ValueError, match="This model takes no wind"):
        told(tmp_path / "a", scene(*SIZE), mover())
    assert clips.described(mover()) == {"draws_noise": False, "blows": False, "size": 32}
    assert clips.described(blower())["blows"]
