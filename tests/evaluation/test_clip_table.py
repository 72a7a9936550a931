"""The scores of single clips, there and back."""

import numpy as np
import pytest

from ssagan_jax.evaluation.clip_table import (
    ClipScores,
    collect_clip_scores,
    find_clip_table,
    read_clip_scores,
    write_clip_scores,
)
from ssagan_jax.evaluation.source_scores import collect_scores
from ssagan_jax.metrics.pretrained.registry import load_metrics
from tests.helpers.noisy_model import Source, T

N = 3


@pytest.fixture(scope="module")
def scored():
    def brighter(batch):
        return {"prediction": batch.clips + np.uint8(51)}

    return collect_scores(brighter, Source(), load_metrics(()), batch_size=2)


def test_means_of_the_clips_are_those_of_the_result(scored):
    rows = collect_clip_scores(scored).rows
    assert list(rows) == ["prediction", "still"]
    for name, clips in rows.items():
        row = scored.summarise_row(name)
        for group in ("author", "standard"):
            for metric, value in row[group].items():
                of_clips = clips[f"{group}_{metric}"]
                finite = of_clips[np.isfinite(of_clips)]
                assert (finite.mean() if len(finite) else None) == pytest.approx(value)
        assert clips["flicker"].mean() == row["motion"]["flicker"]
    np.testing.assert_array_equal(
        rows["prediction"]["energy_ratio_of"], scored.pixels["ratio"]["energy_ratio"][:, -1]
    )


def test_frames_that_do_not_count_are_left_out(scored):
    found = scored.list_clips("prediction")
    assert scored.pixels["frame"]["author"]["mse"].shape == (N, 2, T)
    np.testing.assert_allclose(found["author_mse"], 4 * 0.04, rtol=1e-5)
    assert np.isnan(scored.list_clips("still")["standard_psnr"]).all()  # these clips stand still


def test_written_and_read(tmp_path):
    rows = {
        name: {"standard_psnr": np.array([24.123456789, np.nan]), "flicker": np.array([0.0, x])}
        for name, x in (("prediction", 1.5), ("still", 0.0))
    }
    path = find_clip_table(tmp_path / "results.json")
    assert path.name == "results_clips.csv"
    write_clip_scores(ClipScores(("a, b", "c"), rows), path)
    assert path.read_text().splitlines()[:2] == [
        "row,video,standard_psnr,flicker",
        'prediction,"a, b",24.1234568,0',
    ]
    found = read_clip_scores(path)
    assert found.videos == ("a, b", "c")
    for name, row in rows.items():
        for metric, values in row.items():
            np.testing.assert_allclose(found.rows[name][metric], values, rtol=1e-8)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no scores of clips"),
        ("a,b\n1,2\n", "holds no scores of clips"),
        ("row,video,x\np,v,1\ns,w,1\n", "holds no scores of clips"),
        ("row,video,x\np,v,much\n", "x has a cell that is no number"),
        ("row,video,x\np,v\n", "x has a cell that is no number"),
    ],
)
def test_other_files_are_refused(tmp_path, text, message):
    path = tmp_path / "x_clips.csv"
    with pytest.raises(FileNotFoundError, match="ssagan evaluate writes such files"):
        read_clip_scores(path)
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_clip_scores(path)
