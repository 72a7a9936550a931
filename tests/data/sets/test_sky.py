import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssagan_jax import data


def test_scan_counts_and_names_every_oddity(sky_folder):
    scan = data.verify("sky", source=str(sky_folder))
    assert scan.found == {
        "train": {"videos": 5, "shots": 6, "frames": 252, "clips": 7},
        "test": {"videos": 1, "shots": 1, "frames": 33, "clips": 1},
    }
    train = sky_folder / "sky_train"
    left_out = {item.path: item.reason for item in scan.left_out}
    frame = str(train / "e" / "e_1" / "e_frames_000000{}.jpg")
    expected = {
        "sky_train/b/b_2": "fewer than 2 usable frames",
        str(train / "c"): "empty folder",
        str(train / "d" / "d_1"): "empty folder",
        frame.format("05"): "an HTML page, not a picture",
        frame.format("09"): "unreadable: ",
        frame.format("10"): "empty file",
        frame.format("11"): "unreadable: ",
        str(train / "e" / "e_1"): "passed over as no one's footage: 1 Thumbs.db",
        str(train / "t"): "the same video is in sky_test",
        str(train / "notes.txt"): "odd name: not the folder of a video",
        str(train / "a" / "list.txt"): "odd name: not the folder of a shot",
    }
    assert left_out.keys() == expected.keys()
    assert all(left_out[path].startswith(reason) for path, reason in expected.items())
    kept = {item.path: item.reason for item in scan.skipped if item.kept}
    assert kept == {
        "sky_train/b/b_1": "short: 20 frames, no clip of 32; usable for shorter clips",
        str(train / "a" / "a_2"): "missing frame numbers: 3, first after 10; the rest is joined",
        str(train / "f" / "odd"): "odd name: expected f_NUMBER",
        str(train / "g" / "g_1"): (
            "odd name: last.jpg, expected VIDEO_frames_NUMBER.jpg; names of 2 patterns: sorted by "
            "name"
        ),
        "sky_train/g/g_1": "the same content as sky_train/f/odd",
    }


def test_scan_prints_published_counts_beside_found_ones(sky_folder):
    text = str(data.verify("sky", source=str(sky_folder)))
    assert re.search(r"train +32-frame clips +7 +35,383\n", text)
    assert re.search(r"test +shots +1 +225\n", text)
    assert "Left out: 11" in text
    assert "Kept, but odd: 5" in text
    assert "notes.txt: odd name" in text
    assert "Written to" not in text


def test_build_writes_what_verify_reports(sky_folder, tmp_path):
    scan = data.build("sky", source=str(sky_folder), data_dir=str(tmp_path))
    verified = data.verify("sky", source=str(sky_folder))
    assert scan.to_json() == verified.to_json()
    folder = tmp_path / "ssagan_sky" / "1.0.0"
    assert f"Written to {folder}" in str(scan)
    report = json.loads((folder / "report.json").read_text())  # with paths in the source
    assert report["found"] == scan.found and len(report["skipped"]) == len(scan.skipped)
    assert list(folder.parent.iterdir()) == [folder]


def test_archive_inside_one_more_folder(sky_folder):
    scan = data.verify("sky", source=str(sky_folder.parent))
    assert scan.found["test"]["shots"] == 1


def test_wrong_folder(tmp_path):
    with pytest.raises(ValueError, match=r"has neither sky_train nor sky_test\. Expected"):
        data.verify("sky", source=str(tmp_path))


def test_no_usable_shot(tmp_path):
    (tmp_path / "sky_train" / "a").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"No usable shot .* Left out: 2\. .*a: empty folder"):
        data.build("sky", source=str(tmp_path), data_dir=str(tmp_path / "built"))
    assert not list((tmp_path / "built").rglob("*.json"))


def folder_of_frames(folder, values, **options):
    folder.mkdir(parents=True)
    for number, value in enumerate(values, start=1):
        image = Image.new("RGB", (16, 9), (value,) * 3)
        image.save(
            folder / f"{folder.parent.name}_frames_{number:08d}.{options['format']}", **options
        )


def test_frames_in_other_forms_are_taken_as_jpegs(tmp_path, values):
    folder_of_frames(tmp_path / "sky_train" / "a" / "a_1", range(100, 132), format="png")
    exif = Image.Exif()
    exif[0x112] = 6
    folder_of_frames(tmp_path / "sky_train" / "b" / "b_1", range(32), format="jpeg", exif=exif)
    (tmp_path / "sky_train" / "b" / "b_1" / "b_frames_00000003.png").write_bytes(b"x")
    scan = data.build("sky", source=str(tmp_path), data_dir=str(tmp_path / "built"))
    kinds = {Path(item.path).name: (item.reason, len(item.files)) for item in scan.converted}
    assert kinds == {
        "a_1": ("converted: is PNG: stored as JPEG", 32),
        "b_1": ("converted: is turned upright, as its EXIF says", 32),
    }
    reasons = [item.reason for item in scan.left_out]
    assert "the same frame as b_frames_00000003.jpeg, by its name" in reasons
    clips = data.source("sky", split="train", size=8, frames=32, data_dir=str(tmp_path / "built"))
    np.testing.assert_allclose(values(clips[0]["clip"]), range(100, 132), atol=1)


def test_names_that_are_no_unicode_are_written_as_bytes(tmp_path):
    latin = os.fsdecode(b"caf\xe9")
    folder_of_frames(tmp_path / "sky_train" / latin / f"{latin}_1", range(32), format="jpeg")
    scan = data.build("sky", source=str(tmp_path), data_dir=str(tmp_path / "built"))
    clips = data.source("sky", split="train", size=8, frames=32, data_dir=str(tmp_path / "built"))
    assert clips[0]["video"] == r"caf\xe9"
    reason = r'its name is not in UTF-8: called "sky_train/caf\xe9/caf\xe9_1"'
    assert reason in [item.reason for item in scan.odd]


def test_footage_of_the_test_split_is_not_for_training_under_another_name(tmp_path):
    for number, name in enumerate(("sky_train/a/a_1", "sky_train/b/b_1", "sky_test/c/c_1")):
        values = range(40 * (number % 2), 40 * (number % 2) + 32)  # c is the same as a
        folder_of_frames(tmp_path / name, values, format="jpeg", quality=95)
    scan = data.verify("sky", source=str(tmp_path))
    assert scan.shots == {"train": [("b", 32)], "test": [("c", 32)]}
    [left] = scan.left_out
    assert left.path == "sky_train/a/a_1"
    assert left.reason == "the same content as c in test, which keeps it: not for training"


@pytest.mark.skipif(
    "SSAGAN_MINI_SKY" not in os.environ,
    reason="set SSAGAN_MINI_SKY to a folder in the layout of Sky Time-lapse",
)
def test_real_footage(tmp_path):
    folder = os.environ["SSAGAN_MINI_SKY"]
    scan = data.build("sky", source=folder, data_dir=str(tmp_path))
    on_disk = sum(1 for _ in Path(folder).glob("sky_*/*/*/*.jpg"))
    assert sum(counts["frames"] for counts in scan.found.values()) == on_disk
    assert not scan.left_out
    for split, counts in scan.found.items():
        clips = data.source("sky", split=split, size=64, frames=32, data_dir=str(tmp_path))
        assert len(clips) == counts["clips"]
        assert clips[0]["clip"].std() > 1
