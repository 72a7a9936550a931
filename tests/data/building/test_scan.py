"""A scan: counts by split, what is left out, and its two forms."""

import json
import os

from ssagan_jax.data.building.scan import Scan, Skipped


def scanned():
    scan = Scan("sky", "originals", {"train": {"videos": 3, "clips": 9}})
    scan.shots["train"] += [("a", 64), ("a", 33), ("b", 31)]
    scan.skipped += [Skipped("c", "empty folder"), Skipped("d", "odd name", kept=True)]
    return scan


def test_counts():
    counts = {"videos": 2, "shots": 3, "frames": 128, "clips": 3}
    assert scanned().found == {"train": counts}
    assert [item.path for item in scanned().left_out] == ["c"]


def test_json():
    assert scanned().to_json() == {
        "dataset": "sky",
        "source": "originals",
        "found": scanned().found,
        "published": {"train": {"videos": 3, "clips": 9}},
        "warnings": scanned().warnings,
        "fates": {"left out": 1, "converted": 0, "odd": 1},
        "skipped": [
            {"path": "c", "reason": "empty folder", "kept": False},
            {"path": "d", "reason": "odd name", "kept": True},
        ],
    }


def test_lines_for_a_terminal():
    lines = scanned().lines()
    assert lines[0] == "sky: originals"
    assert lines[3].split() == ["train", "videos", "2", "3"]
    assert lines[4].split() == ["train", "shots", "3", "-"]
    said = ["Left out: 1", "  c: empty folder", "Kept, but odd: 1", "  d: odd name"]
    assert lines[-5:-1] == said
    assert lines[-1].startswith("All other frames are stored as they were found")


def test_a_split_without_footage_is_said():
    (warning,) = scanned().warnings
    assert warning.startswith('There is no split "test": there is no other footage to evaluate on')
    assert "cut it into two files" in warning and warning in scanned().lines()
    scan = scanned()
    scan.shots["test"] = scan.shots.pop("train")
    assert scan.warnings[0].startswith('There is no split "train": all footage is in test')
    scan.shots["train"].append(("b", 32))
    assert not scan.warnings


def test_what_was_converted_is_counted_by_files():
    scan = scanned()
    names = tuple(f"{number}.png" for number in range(4))
    scan.skipped.append(Skipped("f", "converted: is PNG: stored as JPEG", kept=True, files=names))
    (line,) = (line for line in scan.lines() if "PNG" in line)
    assert line == "  f: is PNG: stored as JPEG (0.png, 1.png and 2 more)"
    assert "Converted: 4" in scan.lines()
    assert scan.odd == scanned().odd
    entry = scan.to_json()["skipped"][-1]
    assert entry["files"] == list(names)
    assert Skipped(**json.loads(json.dumps(entry))) == scan.skipped[-1]


def test_what_videos_are_is_a_section_of_its_own():
    scan = scanned()
    scan.skipped.append(Skipped("v.mp4", "video: 25 frames/s", kept=True))
    lines = scan.lines()
    assert lines[lines.index("Videos: 1") + 1] == "  v.mp4: 25 frames/s"
    assert scan.odd == scanned().odd


def test_a_terminal_shows_the_first_of_each_kind_and_the_report_all():
    scan = scanned()
    scan.skipped += [Skipped(f"e{number}", f"unreadable: {number}") for number in range(50)]
    lines = scan.lines()
    assert sum(": unreadable: " in line for line in lines) == 20
    assert any("... and 30 more (unreadable): see report.json" in line for line in lines)
    assert "Left out: 51" in lines and "  c: empty folder" in lines
    assert len(scan.to_json()["skipped"]) == 52


def test_names_that_are_no_unicode_are_printable():
    scan = Scan("sky", os.fsdecode(b"caf\xe9"), {})
    scan.skipped.append(Skipped(os.fsdecode(b"\xff.jpg"), "empty", files=(os.fsdecode(b"\xfe"),)))
    assert r"\xff.jpg: empty (\xfe)" in str(scan).encode().decode()
    assert json.dumps(scan.to_json(), ensure_ascii=False).encode()
