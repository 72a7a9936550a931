"""Tables read back from their CSV files."""

import csv

import pytest

from ssagan_jax.reproduce import gather, picture, plan, scores_table, stored, tables
from tests.helpers.fake_runs import result, scores, write_run

INTERVAL = {"author": {"psnr": [23.0, 25.5]}}


def test_a_table_comes_back_as_it_was(tmp_path):
    """All but what a CSV has not: the runs' files."""
    options = plan.Options(table="beach", workdirs=tmp_path)
    write_run(tmp_path / "beach_vgan", result(24.5, interval=INTERVAL))
    found = result(21.0, size=64)
    found["rows"]["prediction"]["author"]["psnr_clip"] = None  # undefined
    write_run(tmp_path / "beach_tgan", found)
    before = gather.gather_runs(tables.list_rows("beach"), options)
    kinds = gather.name_protocols(before)
    table = scores_table.tabulate_scores(before, kinds)
    path = tmp_path / "beach.csv"
    path.write_text(table.csv(), encoding="utf-8")
    after = stored.read_table(path)
    again = gather.name_protocols(after)
    assert list(again) == list(kinds) == ["A", "B"]
    assert scores_table.tabulate_scores(after, again).markdown() == table.markdown()
    assert after[1].scores("still")[0]["author"] == scores(22.0)["author"]


@pytest.mark.parametrize("name", ["small_cloud", "small_attention"])
def test_the_shipped_tables(tmp_path, name):
    path = stored.find_table(name)
    found = stored.read_table(path)
    kinds = gather.name_protocols(found)
    table = scores_table.tabulate_scores(found, kinds)
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["label"] for line in table.lines] == [line["label"] for line in lines]
    for key in ("author_mse", "standard_psnr", "energy_ratio"):
        assert [line[key].mean for line in table.lines] == [float(line[key]) for line in lines]
        assert [line[key].low for line in table.lines] == [float(x[f"{key}_low"]) for x in lines]
    picture.plot_table(found, kinds, tmp_path / "table.png")
    assert (tmp_path / "table.png").stat().st_size > 5000


def test_refusals(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'No table "cloud".*There are: small_attention,'):
        stored.find_table("cloud")
    with pytest.raises(FileNotFoundError, match=r"a\.csv does not exist\. ssagan reproduce writes"):
        stored.read_table(tmp_path / "a.csv")
    for text in ("", "a,b\n1,2\n"):
        (tmp_path / "a.csv").write_text(text)
        with pytest.raises(ValueError, match=r"a\.csv is no table: expected the CSV file"):
            stored.read_table(tmp_path / "a.csv")
