"""The masks that a model is scored with, on a made-up one that is right if the mask is."""

import numpy as np
import pytest

from ssagan_jax.evaluation import hints, winds
from ssagan_jax.evaluation.scoring import score_animator
from tests.helpers import noisy_model, windy_model
from tests.helpers.noisy_model import T

LEVELS = 20  # grey levels a frame, where it moves
MASK = np.zeros((12, 12), np.float32)
MASK[:4] = 1


def brighten(photos, masks):
    steps = LEVELS * np.arange(T)[:, None, None] * masks[:, None]
    return (photos[:, None] + steps[..., None]).astype(np.uint8)


class Masked:
    """Brightens its photo where it is told that it moves."""

    takes_mask = True

    def __init__(self, mask=1.0):
        self.mask = mask

    def with_mask(self, mask):
        return Masked(mask)

    def __call__(self, photos):
        return brighten(photos, np.broadcast_to(self.mask, photos.shape[:3]))


class Source(noisy_model.Source):
    """Clips whose upper third gets brighter, with their masks; the sky is their upper half."""

    def __init__(self):
        super().__init__()
        self.clips = brighten(self.clips[:, 0] // 2, np.repeat(MASK[None], 3, axis=0))

    def __getitem__(self, index):
        return {**super().__getitem__(index), "mask": MASK}


def sky_above_the_middle(photo):
    sky = np.zeros(photo.shape[:2], np.uint8)
    sky[:6] = 255
    return sky


def test_every_row_by_hand(monkeypatch):
    """Where too much moves, a clip errs by what a frame brightens."""
    monkeypatch.setattr(hints.masks, "sky", sky_above_the_middle)
    found = score_animator(Masked(), Source(), batch_size=2, protocol={})
    assert list(found["rows"]) == [*hints.MASKS, "still"]
    assert found["protocol"]["masks"] == list(hints.MASKS) and "winds" not in found["protocol"]
    wrong = {"prediction": 2 / 12, "mask_given": 0, "mask_all": 8 / 12, "still": 4 / 12}
    for name, share in wrong.items():
        error = share * np.mean((LEVELS * np.arange(1, T)) ** 2) / 255**2
        mse = found["rows"][name]["standard"]["mse"]
        assert mse == pytest.approx(error, rel=1e-5, abs=1e-9), name


class Both(Masked):
    """The same in a wind, if it is given one to the right."""

    takes_wind = True

    def with_mask(self, mask):
        return Both(mask)

    def __call__(self, photos, *, wind=None):
        blows = 1 if wind is None else (wind[:, :1, None] > 0).astype(np.float32)
        return brighten(photos, np.broadcast_to(self.mask, photos.shape[:3]) * blows)


def test_a_model_that_takes_both_has_a_row_with_both(monkeypatch):
    monkeypatch.setattr(hints.masks, "sky", sky_above_the_middle)
    photos, mask = Source().clips[:2, 0], np.repeat(MASK[None], 2, axis=0)
    wind = np.array([[0.1, 0], [-0.1, 0]], np.float32)
    found = hints.animate_all(Both(), photos, wind=wind, mask=mask)
    assert found.keys() == hints.label_rows(hints.list_hints(Both())).keys()
    np.testing.assert_array_equal(found["both_given"][0], brighten(photos, mask)[0])
    np.testing.assert_array_equal(found["both_given"][1, -1], photos[1])
    sky = np.zeros((2, 12, 12), np.float32)
    sky[:, :6] = 1
    np.testing.assert_array_equal(found["wind_given"][0], brighten(photos, sky)[0])


def test_a_photo_without_a_sky_may_move_everywhere(monkeypatch):
    photo = np.zeros((12, 12, 3), np.uint8)
    np.testing.assert_array_equal(hints.find_sky(photo), 1)
    monkeypatch.setattr(hints.masks, "sky", sky_above_the_middle)
    np.testing.assert_array_equal(hints.find_sky(photo)[:, 0], [1] * 6 + [0] * 6)


def test_a_model_without_a_mask_is_asked_once():
    photos = Source().clips[:2, 0]
    found = hints.animate_all(noisy_model.animate, photos, wind=None, mask=None)
    assert list(found) == ["prediction"] and hints.list_hints(noisy_model.animate) == {}


def test_clips_without_masks_are_refused():
    with pytest.raises(ValueError, match=r"the clips come without theirs.*mask=True"):
        score_animator(Masked(), noisy_model.Source(), batch_size=2, protocol={})


def test_rows_have_labels_only_where_hints_were_scored():
    windy, both = {"winds": ["prediction"]}, {"winds": [], "masks": []}
    assert hints.list_hints(windy_model.animate).keys() == windy.keys()
    assert hints.label_rows(windy)["prediction"] == "likely wind (prior's mode)"
    assert hints.label_rows({"masks": []})["mask_given"] == "mask given (from the true clip)"
    rows = [*winds.KINDS, "mask_given", "mask_all", "both_given"]
    assert list(hints.label_rows(both)) == rows
    assert "sky finder" in (label := hints.label_rows(both)["prediction"]) and "wind" in label
    assert hints.label_rows({}) == {}
