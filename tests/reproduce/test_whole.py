"""Every row of every table, trained and scored tiny, end to end."""

import csv

import pytest

from ssagan_jax import cli
from ssagan_jax.reproduce import tables


@pytest.mark.slow
@pytest.mark.parametrize("table", tables.TRAINED)
def test_a_whole_table(tmp_path, table):
    options = ["--budget=tiny", "--train", f"--workdirs={tmp_path}"]
    assert cli.main(["reproduce", f"--table={table}", *options]) == 0
    with (tmp_path / f"{table}.csv").open(newline="") as file:
        found = {row["name"]: row for row in csv.DictReader(file)}
    for row in tables.rows(table):
        if row.config:
            assert float(found[row.name]["author_psnr"]) > 0
            float(found[row.name]["energy_ratio"])  # a number; TGAN begins motionless
    assert (tmp_path / f"{table}.png").stat().st_size > 0
    assert list(tmp_path.glob(f"{table}_front*.png"))
    assert "## Problems" not in (tmp_path / f"{table}.md").read_text()
