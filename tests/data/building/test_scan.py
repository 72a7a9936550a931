"""A scan: counts by split, what is left out, and its two forms."""

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
    assert lines[-4:] == ["Left out: 1", "  c: empty folder", "Kept, but odd: 1", "  d: odd name"]
