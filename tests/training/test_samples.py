"""What a run shows of itself."""

import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.animation.animator import Fields
from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.data.contract import ClipSource
from ssagan_jax.evaluation import winds
from ssagan_jax.io import photo_files
from ssagan_jax.training import samples

WEIGHTS = np.full((3, 2, 1, 4, 4), 1 / 16, np.float32)
CLIPS = np.random.default_rng(0).integers(0, 256, (5, 2, 32, 32, 3), np.uint8)

WIND = np.array([1, 0], np.float32)
NETWORK = NetworkConfig("stub", {}, size=32, frames=2)


class Source(ClipSource):
    """Clips in memory."""

    def __len__(self):
        return len(CLIPS)

    def __getitem__(self, index):
        return {"clip": CLIPS[index]}


@pytest.fixture
def asked(monkeypatch):
    """What the maps were asked for; the generator gives back its clips half as bright."""
    asked = []

    def attention_maps(module, variables, photos, points):
        asked.append((photos, points))
        return {"encoder1": WEIGHTS} if "attention_encoder1" in variables["params"] else {}

    monkeypatch.setattr(samples, "attention_maps", attention_maps)
    monkeypatch.setattr(samples.from_config, "generator", lambda network: None)
    animate = lambda photos: np.repeat(photos[:, None] // 2, 2, axis=1)  # noqa: E731
    animate.has_fields = False
    monkeypatch.setattr(samples, "build_animator", lambda *_: animate)
    return asked


def write(workdir, params):
    """(step, tag, file) of every picture that TensorBoard gets."""
    shown = []
    sheet = samples.write_samples(
        workdir, 7, NETWORK, {"params": params}, Source(), lambda *picture: shown.append(picture)
    )
    assert sheet == workdir / "samples" / "step_0000007.png"
    return shown


def test_all_forms_are_written_and_shown(tmp_path, asked):
    shown = write(tmp_path, {"attention_encoder1": {"gamma": jnp.float32(0.5)}})
    forms = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert forms == [f"step_0000007.{suffix}" for suffix in ("gif", "mp4", "png")]
    assert [(step, path.name) for step, _, path in shown] == [
        (7, "step_0000007.gif"),
        (7, "attention.png"),
    ]
    [(photos, points)] = asked
    np.testing.assert_array_equal(photos, CLIPS[:3, 0])
    np.testing.assert_array_equal(points[1], samples.find_sky_and_land(photos[1]))
    # Rows: two points for each of three photos; columns: the photo and one level.
    assert photo_files.read_photo(tmp_path / "attention.png").shape == (
        38 + 6 * 134,
        6 + 2 * 134,
        3,
    )


def test_the_sheet_of_a_model_with_wind_has_every_wind(tmp_path, asked, monkeypatch):
    monkeypatch.setattr(samples, "build_animator", lambda *_: Windy())
    monkeypatch.setattr(Source, "__getitem__", lambda _, i: {"clip": CLIPS[i], "wind": WIND})
    sheets = []
    monkeypatch.setattr(samples, "contact_sheet", lambda *rows: sheets.append(rows) or CLIPS[0, 0])
    shown = write(tmp_path, {"down1": {}})
    assert [path.name for _, _, path in shown] == ["step_0000007.gif", "velocity.png"]
    assert photo_files.read_photo(tmp_path / "velocity.png").shape[1] == 6 + 5 * 198
    [rows] = sheets
    assert list(rows[0]) == ["photo", "real", *winds.KINDS.values()]
    np.testing.assert_array_equal(rows[2][winds.KINDS["wind_given"]], CLIPS[2, [0, 0]] // 4)
    np.testing.assert_array_equal(rows[2][winds.KINDS["wind_none"]], CLIPS[2, [0, 0]] // 2)


class Windy:
    """Photos darkened once for every wind's part to the right, and once more."""

    takes_wind = has_fields = True

    def fields(self, photos, *, wind):
        velocity = np.broadcast_to(wind[:, None, None], (*photos.shape[:3], 2))
        mask = np.ones(photos.shape[:3], np.float32)
        return Fields(velocity, mask, np.zeros((len(mask), 2, *photos.shape[1:]), np.float32), wind)

    def __call__(self, photos, *, wind=None):
        darker = 2 if wind is None else 2 * 2 ** np.abs(wind[0, 0]).astype(int)
        return np.repeat(photos[:, None] // np.uint8(darker), 2, axis=1)


def test_a_generator_without_attention_shows_none(tmp_path, asked):
    assert [path.suffix for _, _, path in write(tmp_path, {"down1": {}})] == [".gif"]
    assert not (tmp_path / "attention.png").exists()


def test_gammas_by_level():
    params = {
        "attention_encoder1": {"gamma": jnp.float32(0.5)},
        "attention_decoder2": {"norm": {}},
        "down1": {},
    }
    assert samples.gammas(params) == {"gamma/encoder1": 0.5}
