"""Evaluation from end to end on tiny clips: one shape and one batch size, one compilation."""

import json

import jax
import numpy as np
import pytest

import ssagan_jax
from ssagan_jax.evaluation.scoring import score_animator, score_files
from ssagan_jax.metrics.pretrained import kinds, registry, weight_files

T, SIDE, BATCH = 3, 12, 2
PROTOCOL = {"statistics": "running", "checkpoint": "abc"}


class Source:
    """Clips in memory."""

    def __init__(self, clips):
        self.clips = clips
        self.video = "video{}".format

    def __len__(self):
        return len(self.clips)

    def __getitem__(self, index):
        return {"clip": self.clips[index], "video": self.video(index)}

    def describe(self):
        return {"dataset": "made up", "split_hash": "123"}


@pytest.fixture(scope="module")
def clips():
    """Three clips of noise, dark enough that 51 grey levels can be added."""
    return np.random.default_rng(0).integers(0, 200, (3, T, SIDE, SIDE, 3), dtype=np.uint8)


def brighter_after_the_photo(photos):
    """The photo, then frames 51 grey levels brighter: 0.4 in [-1, 1], 0.2 in [0, 1]."""
    still = np.repeat(photos[:, None], T, axis=1)
    still[:, 1:] += 51
    return still


@pytest.fixture(scope="module")
def results(clips):
    """Of real clips that stand still."""
    still = np.repeat(clips[:, :1], T, axis=1)
    return score_animator(
        brighter_after_the_photo, Source(still), batch_size=BATCH, protocol=PROTOCOL
    )


def test_pixel_metrics_by_hand(results):
    author, standard = (results["rows"]["prediction"][key] for key in ("author", "standard"))
    assert author["mse"] == pytest.approx(0.16 * 2 / 3, rel=1e-5)
    assert standard["mse"] == pytest.approx(0.04, rel=1e-5)
    # 10 log10(4 / 0.16) and 10 log10(1 / 0.04), frame 0 being infinite
    assert author["psnr"] == standard["psnr"] == pytest.approx(13.9794, rel=1e-5)
    assert author["psnr_clip"] == pytest.approx(13.9794 + 10 * np.log10(3 / 2), rel=1e-5)
    assert standard["psnr_clip"] == pytest.approx(13.9794, rel=1e-5)


def test_infinite_values_are_counted(results):
    rows = results["rows"]
    assert rows["prediction"]["left_out"]["author"]["psnr"] == 3  # frame 0 of three clips
    assert rows["prediction"]["left_out"]["standard"]["psnr"] == 0
    assert rows["still"]["author"]["psnr"] is None
    assert rows["still"]["left_out"]["author"] == {"mse": 0, "psnr": 9, "psnr_clip": 3, "ssim": 0}


def test_curves_have_every_frame(results):
    curves = results["rows"]["prediction"]["curves"]
    assert curves["standard"]["mse"] == pytest.approx([0, 0.04, 0.04], rel=1e-5)
    assert curves["author"]["psnr"] == [None, *[pytest.approx(13.9794, rel=1e-5)] * 2]
    assert curves["author"]["ssim"][0] == pytest.approx(1, rel=1e-5)


RATIOS = ("energy_ratio", "energy_ratio_median", "flow_ratio", "flow_ratio_median")


def test_ratios_to_a_reference_without_motion_are_undefined(results):
    motion = results["rows"]["prediction"]["motion"]
    assert [motion[name] for name in RATIOS] == [None] * 4
    left_out = results["rows"]["prediction"]["left_out"]["motion"]
    assert left_out == {"energy_ratio_median": 3, "flow_ratio_median": 3}


def test_still_row(clips):
    found = score_animator(
        brighter_after_the_photo, Source(clips), batch_size=BATCH, protocol=PROTOCOL
    )["rows"]["still"]
    still = {"static_share": 1, "flicker": 0, "unexplained_change": 0}
    assert found["motion"] == {**dict.fromkeys(RATIOS, 0), **still}
    assert found["curves"]["author"]["psnr"][0] is None
    error = (clips / 255 - clips[:, :1] / 255) ** 2
    assert found["standard"]["mse"] == pytest.approx(error[:, 1:].mean(), rel=1e-5)
    assert found["author"]["mse"] == pytest.approx(4 * error.mean(), rel=1e-5)


def test_short_batch_is_filled_up_and_the_filling_dropped(clips):
    """Three clips in batches of two: the fourth would score otherwise if it counted."""
    asked = []

    def animate(photos):
        asked.append(photos)
        return brighter_after_the_photo(photos)

    whole = score_animator(animate, Source(clips), batch_size=BATCH, protocol=PROTOCOL)
    assert [len(photos) for photos in asked] == [BATCH, BATCH]
    np.testing.assert_array_equal(asked[1], clips[[2, 0], 0])
    parts = [
        score_animator(animate, Source(clips[i : i + 1]), batch_size=BATCH, protocol=PROTOCOL)
        for i in range(3)
    ]
    for name in ("mse", "psnr", "psnr_clip", "ssim"):
        each = [part["rows"]["prediction"]["author"][name] for part in parts]
        assert whole["rows"]["prediction"]["author"][name] == pytest.approx(np.mean(each), rel=1e-5)


def test_nothing_is_copied_between_host_and_device_unawares(clips):
    with jax.transfer_guard("disallow"):
        score_animator(brighter_after_the_photo, Source(clips), batch_size=BATCH, protocol=PROTOCOL)


def test_protocol(results):
    protocol = results["protocol"]
    assert protocol["statistics"] == "running" and protocol["checkpoint"] == "abc"
    assert protocol["data"] == {"dataset": "made up", "split_hash": "123"}
    assert protocol["clips"] == 3 and protocol["clip"] == [T, SIDE, SIDE]
    assert protocol["code_version"] == ssagan_jax.__version__
    assert "jax" in protocol["scored_with"]["machine"] and protocol["scored_with"]["code"]
    assert protocol["settings"]["static_threshold_grey_levels"] == 0.5
    assert protocol["settings"]["flow"]["levels"] == 3
    counted = {key: c["counted_frames"] for key, c in protocol["conventions"].items()}
    assert counted == {"author": T, "standard": T - 1}
    assert protocol["conventions"]["author"]["peak"] == 2
    assert protocol["conventions"]["standard"]["window"] == "gaussian"
    json.dumps(results, allow_nan=False)


def test_batch_size_is_part_of_the_protocol_if_it_matters(clips):
    protocol = {"statistics": "batch", "checkpoint": "abc"}
    found = score_animator(
        brighter_after_the_photo, Source(clips), batch_size=BATCH, protocol=protocol
    )
    assert found["protocol"]["batch_size"] == BATCH


def test_batch_size_is_not_part_of_the_protocol_otherwise(results):
    assert "batch_size" not in results["protocol"]


def test_the_hash_is_of_the_clips(clips, results):
    def hash_of(clips):
        found = score_animator(
            brighter_after_the_photo, Source(clips), batch_size=BATCH, protocol=PROTOCOL
        )
        return found["protocol"]["clips_sha256"]

    assert hash_of(clips) == hash_of(clips.copy())
    assert hash_of(clips) != hash_of(clips[::-1])


def save(path, clips):
    np.savez(path, clips=clips)
    return path


def test_predictions_equal_to_the_reference(tmp_path, clips):
    reference = save(tmp_path / "real.npz", clips)
    results = score_files(save(tmp_path / "a.npz", clips), reference, batch_size=BATCH)
    row = results["rows"]["prediction"]
    for key, frames in (("author", 9), ("standard", 6)):
        assert row[key]["psnr"] is None and row[key]["psnr_clip"] is None
        assert row[key]["mse"] == 0
        assert row[key]["ssim"] == pytest.approx(1, rel=1e-5)
        assert row["left_out"][key] == {"mse": 0, "psnr": frames, "psnr_clip": 3, "ssim": 0}
    assert [row["motion"][name] for name in RATIOS] == [1] * 4
    means = {name: x for name, x in row["motion"].items() if name not in RATIOS}
    assert means == results["real"]["motion"] and means["static_share"] == 0
    assert row["quartiles"]["motion"]["energy_ratio_median"] == [1, 1]
    assert results["rows"]["still"]["standard"]["mse"] > 0.01
    assert results["protocol"]["predictions"] == "a.npz"
    assert results["protocol"]["data"]["reference"] == "real.npz"


def test_predictions_are_matched_to_their_reference(tmp_path, clips):
    moved = clips.copy()
    moved[2] += 51
    paths = save(tmp_path / "a.npz", moved), save(tmp_path / "real.npz", clips)
    results = score_files(*paths, batch_size=BATCH, protocol={"statistics": "running"})
    assert results["rows"]["prediction"]["standard"]["mse"] == pytest.approx(0.04 / 3, rel=1e-5)
    assert results["protocol"]["statistics"] == "running"


def test_predictions_score_as_when_they_are_made(tmp_path, clips):
    made = score_animator(
        brighter_after_the_photo, Source(clips), batch_size=BATCH, protocol=PROTOCOL
    )
    predictions = save(tmp_path / "a.npz", brighter_after_the_photo(clips[:, 0]))
    given = score_files(predictions, save(tmp_path / "r.npz", clips), batch_size=BATCH)
    assert given["rows"] == made["rows"]
    assert given["protocol"]["clips_sha256"] == made["protocol"]["clips_sha256"]


def test_intervals_are_over_source_videos(clips):
    """The first two clips are of one video: two videos, so every mean is one's or both's."""
    source = Source(clips)
    source.video = lambda index: f"video{max(index, 1)}"
    found = score_animator(brighter_after_the_photo, source, batch_size=BATCH, protocol=PROTOCOL)
    described = {"level": 0.95, "draws": 1000, "seed": 0, "videos": 2}
    assert found["protocol"]["interval"] == described
    each = [
        score_animator(brighter_after_the_photo, Source(part), batch_size=BATCH, protocol=PROTOCOL)[
            "rows"
        ]["prediction"]["standard"]["mse"]
        for part in (clips[:2], clips[2:])
    ]
    interval = found["rows"]["prediction"]["interval"]
    assert interval["standard"]["mse"] == pytest.approx(sorted(each), rel=1e-5)
    assert interval.keys() == {"author", "standard", "motion"}


@pytest.fixture
def made_up(monkeypatch):
    """A metric per frame, the difference of means, and one of sets, of the first values."""
    pair = kinds.FramePair(
        weights="made_up",
        features=lambda weights, frames: frames.mean((1, 2, 3)),
        distance=lambda weights, a, b: weights["scale"] * abs(a - b),
    )
    tables = {
        "FRAME_PAIRS": {"pair": pair},
        "SET_DISTANCES": {"set": kinds.SetDistance("net", lambda a, b: float((a - b).mean()))},
        "EMBEDDINGS": {"net": kinds.Embedding("made_up", lambda w, c: c[:, :, 0, 0, 0])},
    }
    source = weight_files.Source(package="p", file="f", sha256="abc", arrays_sha256="")
    monkeypatch.setattr(registry, "tables", lambda package, name: tables[name])
    monkeypatch.setattr(weight_files, "SOURCES", {"made_up": source})
    monkeypatch.setattr(weight_files, "load_weights", lambda name: {"scale": np.float32(10)})


def test_metrics_asked_for_by_name(made_up, clips):
    still = np.repeat(clips[:, :1], T, axis=1)
    with jax.transfer_guard("disallow"):
        results = score_animator(
            brighter_after_the_photo,
            Source(still),
            batch_size=BATCH,
            protocol=PROTOCOL,
            metrics=("pair", "set"),
        )
    prediction, still_row = (results["rows"][name] for name in ("prediction", "still"))
    # 51 grey levels are 0.4; of the three frames the first is the photo in both.
    assert prediction["perceptual"] == pytest.approx({"pair": 4, "set": 0.4 * 2 / 3})
    assert prediction["curves"]["perceptual"] == {"pair": pytest.approx([0, 4, 4], abs=1e-5)}
    assert prediction["interval"]["perceptual"] == {"pair": pytest.approx([4, 4])}
    assert still_row["perceptual"] == pytest.approx({"pair": 0, "set": 0}, abs=1e-6)
    assert results["protocol"]["perceptual"].keys() == {"pair", "set"}
    assert results["protocol"]["perceptual"]["set"]["clips"] == 3
    json.dumps(results, allow_nan=False)


def test_metrics_of_predictions_in_files(made_up, tmp_path, clips):
    paths = (save(tmp_path / f"{name}.npz", clips) for name in ("a", "real"))
    row = score_files(*paths, batch_size=BATCH, metrics=["pair"])["rows"]["prediction"]
    assert row["perceptual"] == {"pair": pytest.approx(0, abs=1e-6)}


def test_no_metrics_asked_leave_no_trace(results):
    assert "perceptual" not in results["protocol"]
    assert "perceptual" not in results["rows"]["prediction"]


def test_empty_source(clips):
    with pytest.raises(ValueError, match=r"no clips to score in .*made up"):
        score_animator(brighter_after_the_photo, Source(clips[:0]), batch_size=2, protocol=PROTOCOL)


def test_clips_of_two_shapes(clips):
    source = Source([clips[0], clips[1], clips[2][:2]])
    message = r"\[3, 12, 12, 3\] in video0, \[2, 12, 12, 3\] in video2"
    with pytest.raises(ValueError, match=message):
        score_animator(brighter_after_the_photo, source, batch_size=1, protocol=PROTOCOL)


def test_prediction_of_another_shape(clips):
    message = r"Predictions are uint8 \[2, 2, 12, 12, 3\]; .* uint8 \[2, 3, 12, 12, 3\]"
    with pytest.raises(ValueError, match=message):
        score_animator(
            lambda photos: brighter_after_the_photo(photos)[:, 1:],
            Source(clips),
            batch_size=BATCH,
            protocol=PROTOCOL,
        )


def test_prediction_of_another_type(clips):
    with pytest.raises(ValueError, match="Predictions are float64"):
        score_animator(
            lambda photos: brighter_after_the_photo(photos) / 255,
            Source(clips),
            batch_size=BATCH,
            protocol=PROTOCOL,
        )


def test_clips_of_one_frame(clips):
    with pytest.raises(ValueError, match="Clips of one frame do not move"):
        score_animator(
            lambda photos: photos[:, None],
            Source(clips[:, :1]),
            batch_size=BATCH,
            protocol=PROTOCOL,
        )
