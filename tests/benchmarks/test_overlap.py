"""The arithmetic of spans in benchmarks/overlap.py."""

from types import SimpleNamespace

import pytest

from benchmarks.overlap import CLIP, clip, read, shared, total, union


def test_union_joins_what_touches_or_overlaps():
    assert union([(5, 6), (0, 2), (1, 3), (3, 4)]) == [(0, 4), (5, 6)]


def test_clip_cuts_at_both_ends_and_drops_what_is_outside():
    assert clip([(0, 2), (3, 5), (8, 9)], 1, 4) == [(1, 2), (3, 4)]


def test_shared_counts_each_span_by_itself():
    busy = [(0, 2), (4, 6)]
    assert shared([(1, 5), (1, 5), (2, 3)], busy) == 4
    assert total(busy) == 4


@pytest.mark.parametrize(
    ("plane", "line"), [("/host:CPU", "tf_XLAEigen/1"), ("/device:GPU:0", "Stream #1")]
)
def test_programs_copies_and_annotations_are_told_apart(plane, line):
    names = ("fusion.1", "MemcpyH2D", CLIP, "ThreadpoolListener::Record")
    events = [SimpleNamespace(name=n, start_ns=i * 1e9, end_ns=1e9) for i, n in enumerate(names)]
    other = SimpleNamespace(name="python", events=[events[0]])
    lines = [SimpleNamespace(name=line, events=events[: 4 if "XLA" in line else 3]), other]
    profile = SimpleNamespace(planes=[SimpleNamespace(name=plane, lines=lines)])
    work, copies, host = read(profile)
    assert (work, copies, host[CLIP]) == ([(0, 1)], [(1, 1)], [(2, 1)])
