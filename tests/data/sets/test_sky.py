import json
import os
import re
from pathlib import Path

import pytest

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
        frame.format("05"): "an HTML page, not a JPEG",
        frame.format("09"): "unreadable: ",
        frame.format("10"): "empty file",
        frame.format("11"): "not a JPEG",
        str(train / "e" / "e_1" / "Thumbs.db"): "odd name: not a JPEG frame",
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
            "odd name: last.jpg, expected VIDEO_frames_NUMBER.jpg; sorted by name"
        ),
    }


def test_scan_prints_published_counts_beside_found_ones(sky_folder):
    text = str(data.verify("sky", source=str(sky_folder)))
    assert re.search(r"train +32-frame clips +7 +35,383\n", text)
    assert re.search(r"test +shots +1 +225\n", text)
    assert "Left out: 11" in text
    assert "Kept, but odd: 4" in text
    assert "notes.txt: odd name" in text
    assert "Written to" not in text


def test_build_writes_what_verify_reports(sky_folder, tmp_path):
    scan = data.build("sky", source=str(sky_folder), data_dir=str(tmp_path))
    verified = data.verify("sky", source=str(sky_folder))
    assert scan.to_json() == verified.to_json()
    folder = tmp_path / "ssagan_sky" / "1.0.0"
    assert f"Written to {folder}" in str(scan)
    assert json.loads((folder / "report.json").read_text()) == scan.to_json()
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
