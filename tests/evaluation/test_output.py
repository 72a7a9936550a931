"""What every evaluation leaves."""

import pytest
from PIL import Image

from ssagan_jax.evaluation.output import save_results
from ssagan_jax.evaluation.results import read_results
from tests.helpers.made_results import make_results, make_windy_results

BEST = {"author": {"mse": 0.01}}


@pytest.mark.parametrize("draws", [None, {"count": 2, "first": BEST, "best": BEST}])
def test_files_and_table(tmp_path, capsys, draws):
    results = make_results() | ({"draws": draws} if draws else {})
    save_results(results, tmp_path / "results.json")
    assert read_results(tmp_path / "results.json") == results
    with Image.open(tmp_path / "results.png") as image:
        assert image.format == "PNG"
    printed = capsys.readouterr().out
    assert printed.startswith("author")
    assert ("best of 2" in printed) == bool(draws)


def test_the_rows_of_a_model_with_wind(tmp_path, capsys):
    save_results(make_windy_results(), tmp_path / "results.json")
    printed = capsys.readouterr().out
    for label in ("likely wind (prior's mode)", "no wind (control)", "8 winds drawn: mean"):
        assert f"\n{label} " in printed
