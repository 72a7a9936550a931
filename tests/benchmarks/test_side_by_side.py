"""The measuring itself, with contenders that are known."""

import argparse
import json
import sys
import time

import pytest

from benchmarks import side_by_side
from benchmarks.side_by_side import Contender


def asleep(seconds, mebibytes=0):
    kept = bytearray(b"1" * (mebibytes << 20))
    return lambda: time.sleep(seconds + 0 * len(kept))


def counting(path):
    """Appends a letter: B when it is built, r when it is run."""
    with open(path, "a") as file:
        file.write("B")

    def run():
        with open(path, "a") as file:
            file.write("r")

    return run


def failing():
    raise ArithmeticError("No.")


def test_times_and_memory_are_those_of_each_process():
    found = side_by_side.measure(
        {"slow": Contender(asleep, (), (0.6,)), "large": Contender(asleep, (), (0.05, 64))}, 2
    )
    assert len(found["slow"]["seconds"]) == len(found["large"]["seconds"]) == 2
    assert min(found["slow"]["seconds"]) > 0.6 > max(found["large"]["seconds"]) > 0.05
    grown = {name: it["peak"] - it["before"] for name, it in found.items()}
    assert grown["large"] >= 64 > 32 > grown["slow"]
    assert found["large"]["built"] >= found["large"]["before"] + 64


def test_by_turns_after_one_run_that_does_not_count(tmp_path):
    path = tmp_path / "order"
    found = side_by_side.measure({n: Contender(counting, (), (path,)) for n in "ab"}, 2)
    assert path.read_text() == "BrBrrrrr"
    assert [len(it["seconds"]) for it in found.values()] == [2, 2]


def test_what_compiles_is_built_before(tmp_path):
    path = tmp_path / "order"
    found = side_by_side.measure({"a": Contender(counting, (), (path,), compiles=True)}, 1)
    assert path.read_text() == "BBrr"
    assert found["a"]["compiling"] > 0


def test_one_over_the_limit_is_given_up_and_one_left_out_says_why():
    found = side_by_side.measure(
        {
            "slow": Contender(asleep, (), (60,)),
            "left out": "too large",
            "ours": Contender(asleep, (), (0.01,)),
        },
        2,
        limit=1.0,
    )
    first, second = side_by_side.rows("case", found)
    assert first.startswith("| case | slow | over 1 | 0.01")
    assert second.startswith("| case | left out | not run: too large | 0.01")
    assert side_by_side.ratio(found["ours"], found["slow"]) == ""


def test_a_contender_that_fails():
    with pytest.raises(ChildProcessError, match=r"failing.* failed: see its message above"):
        side_by_side.measure({"ours": Contender(failing, ())}, 1)


def test_ratio_of_medians_and_range_of_pairs():
    its, ours = {"seconds": [1.0, 2.0, 4.0]}, {"seconds": [2.0, 1.0, 1.0]}
    assert side_by_side.ratio(ours, its) == "0.50 (0.25 to 2.00)"


def test_the_command_line(tmp_path, monkeypatch, capsys):
    """--only chooses, --repeats counts, --json keeps, the table names machine and command."""
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path))
    path = tmp_path / "numbers.json"
    argv = ["test", "--repeats=3", "--only=one", f"--json={path}"]
    monkeypatch.setattr(sys, "argv", argv)
    monkeypatch.setattr(sys, "orig_argv", ["/there/python3", "-m", *argv])
    asked = side_by_side.options(argparse.ArgumentParser(), limit=7.0)
    assert (asked.limit, asked.repeats) == (7.0, 3)
    pair = {"peer": Contender(asleep, (), (0.01,)), "ours": Contender(asleep, (), (0.01,))}
    side_by_side.main({"case one": pair, "case two": pair}, asked)
    printed = capsys.readouterr().out
    assert (
        f"`python -m test --repeats=3 --only=one --json={path}`" in printed and "cores" in printed
    )
    assert "| case one | peer | 0.01" in printed and "case two" not in printed
    kept = json.loads(path.read_text())
    assert kept["environment"]["jax"] in printed
    assert len(kept["cases"]["case one"]["ours"]["seconds"]) == 3
