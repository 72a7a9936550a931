"""``ssagan reproduce`` without training: files, words, refusals."""

import csv
from pathlib import Path

import pytest

from ssagan_jax.cli import STOPPED, main
from ssagan_jax.evaluation import api
from ssagan_jax.reproduce import pareto_front, plan, tables, training
from tests.helpers.fake_runs import (
    bounds_result,
    result,
    windy_result,
    write_checkpoint,
    write_run,
)


def run(tmp_path, *options, status=0):
    argv = ["reproduce", f"--workdirs={tmp_path}", *options]
    assert main.main(argv) == status


def rows(tmp_path, table):
    with (tmp_path / f"{table}.csv").open(newline="") as file:
        return {row["label"]: row for row in csv.DictReader(file)}


def text(tmp_path, table):
    return (tmp_path / f"{table}.md").read_text()


def trained(tmp_path, name, **more):
    """A run of one of Cloud's rows as the small budget trains it."""
    row = next(row for row in tables.CLOUD if row.name == name)
    planned = plan.make_plan(row, plan.Options(table="cloud", workdirs=tmp_path))
    folder = write_run(planned.workdir, result(**more), config=planned.config().to_dict())
    (folder / "parameters.txt").write_text("Total: 3,250.0 -- 9 bytes\nTotal: 77 -- 1 bytes\n")
    return write_checkpoint(folder, more.get("step", 4))


def test_rows_that_were_not_run_say_so(tmp_path, capsys):
    run(tmp_path, "--table=losses", "--budget=tiny")
    found = rows(tmp_path, "losses")
    assert len(found) == 9  # eight rows and the still picture
    for row in found.values():
        assert row["author_psnr"] == row["energy_ratio"] == row["fvd"] == "not run"
    assert "The poster has no numbers for these rows." in text(tmp_path, "losses")
    assert "loss=hinge,ssim=true" in text(tmp_path, "losses")
    assert (tmp_path / "losses.png").stat().st_size > 0
    assert not (tmp_path / "losses_front.png").exists()
    assert "| hinge, SSIM |" in capsys.readouterr().out


def test_the_cloud_table_with_one_run(tmp_path):
    trained(tmp_path, "ssagan", psnr=24.5, step=400)
    run(tmp_path, "--table=cloud")
    found = rows(tmp_path, "cloud")
    ours, still = found["SSA-GAN, poster's recipe"], found["still picture (control)"]
    assert (ours["poster_psnr"], ours["author_psnr"], ours["protocol"]) == ("24.91", "24.5", "A")
    assert found["MD-GAN Stage I"]["poster_psnr"] == "16.9019"  # all digits
    assert ours["clip"] == "8 x 32 x 32"
    assert (still["poster_psnr"], still["author_psnr"]) == ("not on the poster", "22.0")
    assert found["MD-GAN Stage II"]["poster_mse"] == "0.0307"
    assert found["MD-GAN Stage II"]["author_mse"] == "not run"
    written = text(tmp_path, "cloud")
    assert "| ssagan | 0 | 3,250 | 400 | 400 | not recorded |" in written
    assert f"{tmp_path}/ssagan/checkpoints/400" in written
    assert "Every quoted row is possible at peak 2" in written
    assert '"dataset": "synthetic"' in written and "hash of" not in written
    assert "## Problems" not in written
    assert (tmp_path / "cloud_front.png").stat().st_size > 0


def test_a_table_by_statistics_of_batches_stands_beside_the_other(tmp_path, monkeypatch):
    trained(tmp_path, "ssagan", psnr=24.5, step=400)
    run(tmp_path, "--table=cloud", "--rows=ssagan")
    monkeypatch.setattr(api, "evaluate_checkpoint", lambda *_, **__: result(21.5, step=400))
    run(tmp_path, "--table=cloud", "--rows=ssagan", "--statistics=batch")
    found = [rows(tmp_path, name)["SSA-GAN, poster's recipe"] for name in ("cloud", "cloud_batch")]
    assert [row["author_psnr"] for row in found] == ["24.5", "21.5"]
    assert "# Table: cloud, statistics of each batch" in text(tmp_path, "cloud_batch")
    assert (tmp_path / "cloud_batch_front.png").exists()


def test_what_does_not_belong_together_is_told(tmp_path):
    trained(tmp_path, "ssagan", step=400)
    write_run(tmp_path / "ssagan_author", result(step=100, size=64))
    run(tmp_path, "--table=cloud", "--rows=ssagan,ssagan_author")
    written = text(tmp_path, "cloud")
    assert "Rows scored differently (see below) must not be compared." in written
    assert "Runs differ in how long they were trained (steps): ssagan 400, ssagan_author" in written
    assert "ssagan_author: not what --budget=small trains" in written
    assert "## Scored as B" in written
    assert "none kept" in written
    assert (tmp_path / "cloud_front_A.png").exists() and (tmp_path / "cloud_front_B.png").exists()
    stills = [line for line in written.splitlines() if line.startswith("| still picture")]
    assert len(stills) == 2


def test_a_damaged_row_leaves_the_others_as_they_are(tmp_path):
    trained(tmp_path, "ssagan", psnr=24.5, step=400)
    folder = write_run(tmp_path / "unet", result())
    (folder / "results.json").write_text("{")
    run(tmp_path, "--table=cloud", "--rows=unet,ssagan")
    found = rows(tmp_path, "cloud")
    assert found["SSA-GAN, poster's recipe"]["author_psnr"] == "24.5"
    assert found["U-Net without attention (control)"]["author_psnr"] == "not run"
    assert f"- unet: {folder}/results.json is damaged: it is not JSON" in text(tmp_path, "cloud")


def test_too_few_clips_are_told_and_columns_on_demand_shown(tmp_path):
    how = {"clips": 25, "enough_clips": 2048}
    found = result(
        protocol={"perceptual": {"fvd": how, "kvd": {"clips": 25, "enough_clips": 0}}},
        perceptual={"fvd": 300.0, "kvd": 2.0},
    )
    write_run(tmp_path / "ssagan", found)
    run(tmp_path, "--table=cloud", "--rows=ssagan")
    assert "fvd of 25 clips is far above" in text(tmp_path, "cloud")
    ours = rows(tmp_path, "cloud")["SSA-GAN, poster's recipe"]
    assert ours["kvd"] == "2.0" and "lpips_vgg" not in ours


def test_best_draws_reach_the_front(tmp_path, monkeypatch):
    best = {"standard": {"psnr": 30.0}, "author": {"psnr_clip": 29.0}}
    folder = trained(tmp_path, "ssagan", energy=0.25)
    found = result(energy=0.25) | {"draws": {"count": 8, "first": {}, "best": best}}
    write_run(folder, found)
    asked = {}
    monkeypatch.setattr(
        pareto_front, "plot_pareto_front", lambda *args, **options: asked.update(options)
    )
    run(tmp_path, "--table=cloud", "--rows=ssagan")
    [point] = asked["best"].values()
    assert (point["standard_psnr"], point["author_psnr_clip"]) == (30.0, 29.0)
    assert point[pareto_front.MOTION] == 0.25


def test_clips_that_stand_still_have_no_front(tmp_path, capsys):
    trained(tmp_path, "ssagan", energy=None)
    run(tmp_path, "--table=cloud", "--rows=ssagan")
    assert "was not drawn: There is no point" in capsys.readouterr().out
    assert rows(tmp_path, "cloud")["SSA-GAN, poster's recipe"]["energy_ratio"] == "undefined"


def test_the_wind_table(tmp_path):
    """A run in several winds, one without wind and bounds: one protocol, one still picture."""
    write_run(tmp_path / "wind_warp", windy_result())
    write_run(tmp_path / "wind_residual", result(21.0))
    write_run(tmp_path / "wind_bounds", bounds_result())
    run(tmp_path, "--table=wind")
    found = rows(tmp_path, "wind")
    assert {x["protocol"] for x in found.values() if x["author_psnr"] != "not run"} == {"A"}
    shown = {label: (x["author_psnr"], x["name"]) for label, x in found.items()}
    assert shown["warp, likely wind (prior's mode)"] == ("24.0", "wind_warp")
    assert shown["warp, wind given (from the true clip)"] == ("27.0", "wind_warp")
    assert shown["warp, 8 winds drawn: mean"] == ("23.5", "wind_warp")
    assert shown["warp, best of 8 winds drawn"] == ("26.0", "wind_warp")
    assert shown["bound: warp by the clip's own static field"] == ("30.0", "wind_bounds")
    assert shown["SSA-GAN residual, likely wind (prior's mode)"] == ("21.0", "wind_residual")
    assert shown["SSA-GAN direct, likely wind (prior's mode)"][0] == "not run"
    assert found["warp, best of 8 winds drawn"]["energy_ratio"] == "undefined"
    given = found["warp, wind given (from the true clip)"]
    medians = [given[f"energy_ratio_median{end}"] for end in ("", "_low", "_high")]
    assert medians == ["0.9", "0.5", "1.5"]
    written = text(tmp_path, "wind")
    assert "a hint about the answer" in written and "0.900 (0.500 to 1.500)" in written
    assert "wind_residual: " in written  # has no row of the wind given
    assert "was scored without wind_given" in written
    assert written.count("| wind_bounds | not recorded") == 1
    assert '"winds"' not in written and "Runs differ" not in written
    assert (tmp_path / "wind_front.png").stat().st_size > 0


def test_without_wind_in_its_rows_a_table_refuses_to_mix(tmp_path):
    write_run(tmp_path / "ssagan", windy_result())
    write_run(tmp_path / "unet", result())
    run(tmp_path, "--table=cloud", "--rows=unet,ssagan")
    assert "Rows scored differently (see below) must not be compared." in text(tmp_path, "cloud")


def test_beach_is_explained_beside_the_numbers(tmp_path):
    run(tmp_path, "--table=beach", "--budget=tiny")
    written = text(tmp_path, "beach")
    assert "RNN-GAN, VGAN, MD-GAN Stage II: PSNR lies below the bound at peak 2" in written
    assert "| VGAN | 0.0958 | 11.56 | 10.19 | +1.37 | 3.5 | 16.21 | -4.65 | impossible |" in written
    found = rows(tmp_path, "beach")
    assert found["Ours (a) of the poster"]["author_psnr"] == "unknown configuration"
    assert found["TGAN"]["poster_psnr"] == "not on the poster"


def test_pos_of_the_poster_and_of_votes(tmp_path):
    run(tmp_path, "--table=pos")
    assert len(rows(tmp_path, "pos")) == 5
    assert (tmp_path / "pos.png").stat().st_size > 0
    votes = tmp_path / "votes.csv"
    votes.write_text("rater,pair,left,right,chosen\na,1,ssagan,real,left\n")
    run(tmp_path, "--table=pos", f"--votes={votes}")
    assert list(rows(tmp_path, "pos")) == ["ssagan over real"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--table=sky"],
            'Unknown table "sky". Known: cloud, stages, beach, pos, attention, gamma, losses,',
        ),
        (["--table=cloud", "--rows=x"], 'The table cloud has no row "x".'),
        (["--table=cloud", "--budget=big"], 'Unknown budget "big".'),
        (["--table=cloud", "--votes=v.csv"], "--votes belongs to --table=pos, not to cloud."),
        (["--table=pos", "--train"], "--table=pos is about votes"),
        (["--table=pos", "--rows=a"], "it takes --votes and --workdirs only"),
        (["--table=pos", "--seeds=2"], "it takes --votes and --workdirs only"),
        (["--table=pos", "--metrics=fvd"], "it takes --votes and --workdirs only"),
        (["--table=pos", "--votes=no.csv"], "No votes at no.csv"),
        (["--table=cloud", "--seeds=0"], "--seeds is 0"),
    ],
)
def test_refusals(tmp_path, capsys, options, message):
    run(tmp_path, *options, status=1)
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.fixture
def training_of(monkeypatch):
    """Sets what training the rows comes to; gives the options it was asked with."""
    asked = []

    def outcome(found):
        def train_rows(rows, options):
            asked.append(([row.name for row in rows], options))
            return found

        monkeypatch.setattr(training, "train_rows", train_rows)
        return asked

    return outcome


def test_train_is_asked_for_what_was_given(tmp_path, training_of):
    asked = training_of(training.Outcome())
    options = ["--seeds=3", "--steps=9", "--budget=full", "--data_dir=d", "--dataset=sky"]
    options.append("--config.ema_decay=0.5")
    run(tmp_path, "--table=cloud", "--rows=unet,ssagan", "--train", "--metrics=fvd,kvd", *options)
    [(names, given)] = asked
    assert names == ["unet", "ssagan"]
    assert given == plan.Options(
        table="cloud",
        workdirs=Path(tmp_path),
        budget="full",
        data_dir="d",
        dataset="sky",
        seeds=3,
        steps=9,
        metrics=("fvd", "kvd"),
        overrides=("--config.ema_decay=0.5",),
    )


def test_a_failed_row_is_in_the_table_and_the_status(tmp_path, training_of, capsys):
    training_of(training.Outcome(failed={"ssagan": "ValueError: no"}))
    run(tmp_path, "--table=cloud", "--rows=ssagan", "--train", status=1)
    assert "ssagan was not trained. ValueError: no" in capsys.readouterr().err
    assert "- ssagan: ValueError: no" in text(tmp_path, "cloud")


def test_a_stopped_training_has_its_status(tmp_path, training_of):
    training_of(training.Outcome(stopped=True))
    run(tmp_path, "--table=cloud", "--rows=ssagan", "--train", status=STOPPED)
    assert "not run" in text(tmp_path, "cloud")


def test_without_train_nothing_is_trained(tmp_path, training_of):
    asked = training_of(training.Outcome())
    run(tmp_path, "--table=cloud", "--rows=ssagan")
    assert not asked
