"""Results as files, and which of them may stand in one table."""

import json

import pytest

from ssagan_jax.evaluation.results import (
    check_same_protocol,
    default_output,
    flatten_row,
    list_groups,
    read_results,
    write_results,
)
from tests.helpers.made_results import (
    ask_metrics,
    change_protocol,
    make_results,
    make_windy_results,
)


@pytest.fixture
def results():
    return make_results()


def test_written_results_are_read_back(results, tmp_path):
    path = tmp_path / "new" / "results.json"
    write_results(results, path)
    assert read_results(path) == results


def test_failing_to_write_keeps_what_was_there(results, tmp_path):
    path = tmp_path / "results.json"
    write_results(results, path)
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_results(change_protocol(results, clips=float("nan")), path)
    assert read_results(path) == results
    assert list(tmp_path.iterdir()) == [path]


def test_results_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.json does not exist"):
        read_results(tmp_path / "none.json")


@pytest.mark.parametrize("text", ["", "[]", '{"rows": {}}', "{", "\N{SNOWMAN}"])
def test_files_that_hold_no_results(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.json (holds no results|is damaged)"):
        read_results(path)


def test_an_altered_score_is_found(results, tmp_path):
    path = tmp_path / "results.json"
    write_results(results, path)
    psnr = f'"psnr": {results["rows"]["prediction"]["author"]["psnr"]}'
    path.write_text(path.read_text().replace(psnr, f"{psnr}1", 1))
    with pytest.raises(ValueError, match=r"results\.json is damaged: its SHA-256 is"):
        read_results(path)


def test_results_of_earlier_versions_are_read(results, tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps(results))
    assert read_results(path) == results


def test_output_goes_beside_the_predictions(tmp_path):
    assert default_output(tmp_path / "a.npz") == tmp_path / "results.json"
    (tmp_path / "videos").mkdir()
    assert default_output(tmp_path / "videos") == tmp_path / "videos" / "results.json"


def test_different_protocols_are_not_compared(results):
    other = change_protocol(results, statistics="batch", clips=7)
    with pytest.raises(ValueError, match="different protocols") as error:
        check_same_protocol(results, other, names=("ours", "theirs"))
    lines = str(error.value).splitlines()
    assert lines[0].startswith("ours and theirs were scored")
    assert lines[1:] == ["  statistics: running and batch", "  clips: None and 7"]


@pytest.mark.parametrize("entry", ["checkpoint", "predictions", "step", "draws", "masks"])
def test_what_was_scored_may_differ(results, entry):
    check_same_protocol(results, change_protocol(results, **{entry: "other"}))


def test_results_with_winds_are_not_compared_with_others(results):
    windy = make_windy_results()
    check_same_protocol(windy, change_protocol(windy, checkpoint="other"))
    with pytest.raises(ValueError, match=r"winds: None and \['prediction', 'wind_given', "):
        check_same_protocol(results, windy)


@pytest.mark.parametrize("entry", ["data", "clips_sha256"])
def test_one_account_of_the_same_clips_is_enough(results, entry):
    check_same_protocol(results, change_protocol(results, **{entry: "other"}))


def test_other_clips_are_refused(results):
    other = change_protocol(results, data={"dataset": "beach"}, clips_sha256="2")
    with pytest.raises(ValueError, match=r"(?s)data: .*clips_sha256: 1 and 2"):
        check_same_protocol(results, other)


def test_files_of_earlier_versions_are_compared_with_new_ones(results):
    new = ask_metrics(results, lpips_alex=0.05)
    new["protocol"]["interval"] = {"draws": 1000}
    check_same_protocol(results, new)
    check_same_protocol(new, results)


def test_results_of_different_metrics_are_compared(results):
    check_same_protocol(ask_metrics(results, lpips_alex=0.05), ask_metrics(results, fvd=300.0))


def test_one_metric_computed_in_two_ways_is_not_compared(results):
    one, other = (
        ask_metrics(results, lpips_alex=0.05),
        ask_metrics(results, lpips_alex=0.05, fvd=1.0),
    )
    check_same_protocol(one, other)
    other["protocol"]["perceptual"]["lpips_alex"] = {"weights_sha256": "2"}
    with pytest.raises(ValueError, match=r"perceptual: .*'1'.* and .*'2'"):
        check_same_protocol(one, other)


def test_a_row_has_its_groups_and_scores(results):
    asked = ask_metrics(results, fvd=300.0)["rows"]
    assert list_groups([results["rows"]["still"]]) == ["author", "standard", "motion"]
    assert list_groups(asked.values()) == ["author", "standard", "motion", "perceptual"]
    assert flatten_row(asked["prediction"]) == {
        "author_mse": 0.0321,
        "author_psnr": 24.91,
        "standard_mse": 0.0321,
        "standard_psnr": 24.91,
        "motion_energy_ratio": 0.5,
        "perceptual_fvd": 300.0,
    }
