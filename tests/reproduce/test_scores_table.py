"""The poster's numbers, ours and the still picture's."""

import pytest

from ssagan_jax.reproduce import gather, plan
from ssagan_jax.reproduce.scores_table import NOT_RUN, UNKNOWN, tabulate_scores
from ssagan_jax.reproduce.tables import Row
from ssagan_jax.viz.tables import Value
from tests.helpers.fake_runs import result, write_run

POSTER = {"mse": 0.03, "psnr": 25.0}


@pytest.fixture
def tabulate(tmp_path):
    """A function: the table of rows, whose workdirs are in the test's folder."""

    def tabulate(*rows):
        found = gather.gather_runs(rows, plan.Options(table="cloud", workdirs=tmp_path))
        return tabulate_scores(found, gather.name_protocols(found))

    return tabulate


def test_a_line_for_each_row_below_the_still_picture(tabulate, tmp_path):
    write_run(tmp_path / "a", result(24.0, still=22.0))
    table = tabulate(Row("a", "A", "ssagan", poster=POSTER), Row("b", "B", "x"), Row("c", "C"))
    still, a, b, c = table.lines
    assert still["label"] == "still picture (control)"
    assert (still["author_psnr"], a["author_psnr"]) == (
        Value(22.0, digits=2),
        Value(24.0, digits=2),
    )
    assert (a["protocol"], a["clip"]) == ("A", "8 x 32 x 32")
    assert (a["poster_psnr"], a["poster_ssim"]) == (Value(25.0, digits=2), "not on the poster")
    assert b["author_psnr"] == b["clip"] == NOT_RUN
    assert c["author_psnr"] == c["protocol"] == UNKNOWN


def test_each_protocol_has_a_still_picture(tabulate, tmp_path):
    write_run(tmp_path / "a", result())
    write_run(tmp_path / "b", result(size=64))
    table = tabulate(Row("a", "A", "x"), Row("b", "B", "x"))
    assert [line["protocol"] for line in table.lines] == ["A", "B", "A", "B"]


def test_without_numbers_of_the_poster_there_are_no_columns_for_them(tabulate):
    assert not any(key.startswith("poster") for key in tabulate(Row("a", "A", "x")).columns)
