"""The step time on paper, by hand."""

from dataclasses import replace

import pytest

from benchmarks import scaling
from benchmarks.scaling import Chip, Step

CHIP = Chip(products=100 / scaling.UTILISATION, memory=10, link=5, latency=0.5)
STEP = Step(products=1000, clip_bytes=20, state_bytes=60, sums=4, sum_bytes=30)


def test_alone_arithmetic_and_memory():
    assert scaling.alone(STEP, CHIP, 2) == pytest.approx((20, (60 + 40) / 10))


def test_sums_of_one_chip_take_no_time():
    assert scaling.sums(STEP, CHIP, 1) == 0


def test_sums_in_one_ring():
    assert scaling.sums(STEP, CHIP, 4) == pytest.approx(2 * 3 / 4 * 30 / 5 + 4 * 0.5)


def test_sums_in_boxes_and_between_them():
    chip = replace(CHIP, box=2, network=3, network_latency=1)
    within = 2 * 1 / 2 * 30 / 5 + 4 * 0.5
    assert scaling.sums(STEP, chip, 2) == pytest.approx(within)
    assert scaling.sums(STEP, chip, 8) == pytest.approx(within + 2 * 3 / 4 * 30 / 3 + 4 * 1)


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_table():
    """One clip is the least a chip can have."""
    free = replace(CHIP, link=1e12, latency=0)
    lines = scaling.table(STEP, free, None)
    rows = {cells(line)[0]: cells(line)[1:] for line in lines[2:]}
    assert rows["1"] == ["0.0", "160000.0", "0", "100 %", "160000.0", "0", "100 %"]
    assert rows["16"][1] == "10000.0"
    assert rows["32"][1:4] == ["-"] * 3
    assert rows["32"][4:] == ["160000.0", "3", "100 %"]


def test_a_measured_step_replaces_the_model():
    [row] = [cells(line) for line in scaling.table(STEP, CHIP, 0.25) if line.startswith("| 2 |")]
    added = scaling.sums(STEP, CHIP, 2)
    assert row[1] == f"{1e3 * added:.1f}"
    assert row[2] == f"{1e3 * (8 * 0.25 + added):.1f}"


def test_the_longer_of_arithmetic_and_memory_counts():
    few = replace(STEP, products=1)
    [row] = [cells(line) for line in scaling.table(few, CHIP, None) if line.startswith("| 1 |")]
    assert row[2] == f"{1e3 * (60 + 16 * 20) / 10:.1f}"


def test_the_mean_of_the_schedule():
    program = dict(flops=400, accessed=250, arguments=50)
    few, many = ({"all-reduce": {"count": n, "bytes": 10 * n}} for n in (2, 12))
    programs = {
        "discriminator": {**program, "communication": few},
        "generator": {**program, "flops": 1000, "communication": many},
    }
    found = scaling.needed(programs, 5)
    assert found == Step(products=300, clip_bytes=200, state_bytes=100, sums=4.4, sum_bytes=44)
    every = scaling.needed(programs, 1)
    assert (every.products, every.sums) == (700, 14)
