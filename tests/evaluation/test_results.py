"""Results as files, tables and pictures."""

import copy

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.evaluation.results import (
    check_same_protocol,
    compare,
    default_output,
    plot_curves,
    read_results,
    table,
    write_results,
)


def row(psnr, *, left_out=0, slope=0.1):
    scores = {"mse": 0.0321, "psnr": psnr}
    curves = {"mse": [0.0, slope, 2 * slope], "psnr": [None, 300 * slope, 200 * slope]}
    return {
        "author": scores,
        "standard": scores,
        "motion": {"energy_ratio": 0.5},
        "curves": {"author": curves, "standard": copy.deepcopy(curves)},
        "left_out": {"author": {"mse": 0, "psnr": left_out}, "standard": {"mse": 0, "psnr": 0}},
    }


@pytest.fixture
def results():
    return {
        "protocol": {
            "checkpoint": "abc",
            "statistics": "running",
            "data": {"dataset": "sky"},
            "clips_sha256": "1",
            "conventions": {"author": {"first_frame": 0}, "standard": {"first_frame": 1}},
        },
        "rows": {"prediction": row(24.91), "still": row(None, left_out=3, slope=0.2)},
    }


def changed(results, **entries):
    other = copy.deepcopy(results)
    other["protocol"] |= entries
    return other


def test_written_results_are_read_back(results, tmp_path):
    path = tmp_path / "new" / "results.json"
    write_results(results, path)
    assert read_results(path) == results


def test_failing_to_write_keeps_what_was_there(results, tmp_path):
    path = tmp_path / "results.json"
    write_results(results, path)
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_results(changed(results, clips=float("nan")), path)
    assert read_results(path) == results
    assert list(tmp_path.iterdir()) == [path]


def test_results_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.json does not exist"):
        read_results(tmp_path / "none.json")


@pytest.mark.parametrize("text", ["", "[]", '{"rows": {}}', "{", "\N{SNOWMAN}"])
def test_files_that_hold_no_results(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.json holds no results"):
        read_results(path)


def test_output_goes_beside_the_predictions(tmp_path):
    assert default_output(tmp_path / "a.npz") == tmp_path / "results.json"
    (tmp_path / "videos").mkdir()
    assert default_output(tmp_path / "videos") == tmp_path / "videos" / "results.json"


def test_table(results):
    assert table(results).splitlines() == [
        "author               mse          psnr",
        "prediction        0.0321       24.9100",
        "still             0.0321             -",
        "",
        "standard             mse          psnr",
        "prediction        0.0321       24.9100",
        "still             0.0321             -",
        "",
        "motion      energy_ratio",
        "prediction        0.5000",
        "still             0.5000",
        "",
        "Infinite values left out: still author psnr 3.",
    ]


def test_table_without_infinite_values(results):
    results["rows"]["still"] = row(20.0)
    assert table(results).endswith("still             0.5000")


def test_comparison_has_a_row_for_each_result(results):
    other = changed(results, checkpoint="def")
    other["rows"]["prediction"] = row(22.0)
    lines = compare({"ours": results, "theirs": other}).splitlines()
    assert lines[:4] == [
        "author             mse          psnr",
        "ours            0.0321       24.9100",
        "theirs          0.0321       22.0000",
        "still           0.0321             -",
    ]


def test_different_protocols_are_not_compared(results):
    other = changed(results, statistics="batch", clips=7)
    with pytest.raises(ValueError, match="different protocols") as error:
        compare({"ours": results, "theirs": other})
    lines = str(error.value).splitlines()
    assert lines[0].startswith("ours and theirs were scored")
    assert lines[1:] == ["  statistics: running and batch", "  clips: None and 7"]


@pytest.mark.parametrize("entry", ["checkpoint", "predictions", "step", "draws"])
def test_what_was_scored_may_differ(results, entry):
    check_same_protocol(results, changed(results, **{entry: "other"}))


@pytest.mark.parametrize("entry", ["data", "clips_sha256"])
def test_one_account_of_the_same_clips_is_enough(results, entry):
    check_same_protocol(results, changed(results, **{entry: "other"}))


def test_other_clips_are_refused(results):
    other = changed(results, data={"dataset": "beach"}, clips_sha256="2")
    with pytest.raises(ValueError, match=r"(?s)data: .*clips_sha256: 1 and 2"):
        check_same_protocol(results, other)


def test_curves_are_drawn(results, tmp_path):
    path = tmp_path / "curves.png"
    plot_curves(results, path)
    picture = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
    # matplotlib's first two colours: one curve each for prediction and still
    for colour in ((0x1F, 0x77, 0xB4), (0xFF, 0x7F, 0x0E)):
        assert (picture == colour).all(axis=1).sum() > 100


def test_curves_without_a_finite_value_are_drawn(results, tmp_path):
    for scored in results["rows"].values():
        scored["curves"]["author"]["psnr"] = [None, None, None]
    plot_curves(results, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 1000


def test_curves_start_at_the_first_counted_frame(results, tmp_path):
    plot_curves(results, tmp_path / "a.png")
    for scored in results["rows"].values():
        scored["curves"]["standard"]["mse"][0] = 99.0  # would stretch the axis if it were drawn
    plot_curves(results, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def asked(results, **metrics):
    """The same clips, scored by more metrics, with intervals."""
    other = copy.deepcopy(results)
    how = {"lpips_alex": {"weights_sha256": "1"}, "fvd": {"clips": 25, "enough_clips": 2048}}
    other["protocol"]["perceptual"] = {name: how[name] for name in metrics}
    for label, scored in other["rows"].items():
        scored["perceptual"] = dict(metrics)
        scored["interval"] = {
            "author": {"mse": [0.03, 0.034], "psnr": None if label == "still" else [9.5, 26.0]},
            "perceptual": {"lpips_alex": [0.01, 0.1234]} if "lpips_alex" in metrics else {},
        }
    return other


def test_table_with_intervals_and_metrics_asked_for(results):
    found = table(asked(results, lpips_alex=0.05, fvd=370.5))
    assert found.splitlines() == [
        "author                mse           psnr",
        "prediction         0.0321        24.9100",
        "  95 %     0.0300..0.0340    9.50..26.00",
        "still              0.0321              -",
        "  95 %     0.0300..0.0340",
        "",
        "standard             mse          psnr",
        "prediction        0.0321       24.9100",
        "still             0.0321             -",
        "",
        "motion      energy_ratio",
        "prediction        0.5000",
        "still             0.5000",
        "",
        "perceptual     lpips_alex            fvd",
        "prediction         0.0500       370.5000",
        "  95 %     0.0100..0.1234",
        "still              0.0500       370.5000",
        "  95 %     0.0100..0.1234",
        "",
        "Infinite values left out: still author psnr 3.",
        "",
        "fvd of 25 clips is far above what 2,048 would give; compare it only between results of "
        "equally many clips.",
    ]


def test_intervals_below_zero_do_not_run_together(results):
    other = asked(results)
    intervals = {"mse": [-0.0648, -0.0061], "psnr": [-14.472, 0.5]}
    other["rows"]["prediction"]["interval"]["author"] = intervals
    lines = table(other).splitlines()
    assert lines[2].split() == ["95", "%", "-0.0648..-0.0061", "-14.47..0.50"]
    assert lines[1].split() == ["prediction", "0.0321", "24.9100"]
    assert len(lines[0]) == len(lines[1]) == len(lines[2])  # columns stay below their names


def test_files_of_earlier_versions_are_compared_with_new_ones(results):
    new = asked(results, lpips_alex=0.05)
    new["protocol"]["interval"] = {"draws": 1000}
    lines = compare({"old": results, "new": new}).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("perceptual"))
    assert lines[start:] == [
        "perceptual     lpips_alex",
        "old                     -",
        "new                0.0500",
        "  95 %     0.0100..0.1234",
        "still              0.0500",
        "  95 %     0.0100..0.1234",
        "",
        "Infinite values left out: still author psnr 3.",
    ]


def test_results_of_different_metrics_are_compared(results):
    one, other = asked(results, lpips_alex=0.05), asked(results, fvd=300.0)
    found = compare({"one": one, "other": other})
    assert "still              0.0500       300.0000" in found
    assert "fvd of 25 clips" in found


def test_one_metric_computed_in_two_ways_is_not_compared(results):
    one, other = asked(results, lpips_alex=0.05), asked(results, lpips_alex=0.05, fvd=1.0)
    check_same_protocol(one, other)
    other["protocol"]["perceptual"]["lpips_alex"] = {"weights_sha256": "2"}
    with pytest.raises(ValueError, match=r"perceptual: .*'1'.* and .*'2'"):
        check_same_protocol(one, other)


def test_curves_of_results_with_metrics_asked_for_are_drawn(results, tmp_path):
    results["rows"]["prediction"]["curves"]["perceptual"] = {"lpips_alex": [0, 0.1, 0.2]}
    plot_curves(results, tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000
