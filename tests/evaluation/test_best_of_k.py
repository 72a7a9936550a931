"""The best of several draws: made-up noise whose error is known."""

from types import SimpleNamespace

import numpy as np
import pytest

from ssagan_jax.data.contract import ClipSource
from ssagan_jax.evaluation import api, best_of_k, results
from ssagan_jax.evaluation.best_of_k import best_of
from ssagan_jax.evaluation.scoring import evaluate

T, SIDE, BATCH = 3, 12, 2
# Grey levels by which each clip is too bright after its photo, for the seeds 0, 1, 2.
ERRORS = np.array([[51, 102, 25.5], [102, 51, 153]], dtype=np.float32)
OFFSETS = np.rint(ERRORS).astype(np.uint8)


class Source(ClipSource):
    """Still clips in memory, three of them: a full batch and a short one."""

    def __init__(self):
        photos = np.random.default_rng(0).integers(0, 90, (3, 1, SIDE, SIDE, 3), dtype=np.uint8)
        self.clips = np.repeat(photos, T, axis=1)

    def __len__(self):
        return len(self.clips)

    def __getitem__(self, index):
        return {"clip": self.clips[index], "video": f"video{index}"}

    def describe(self):
        return {"dataset": "made up"}


def animate(photos, *, seed=0):
    """The photo, then brighter frames: how much depends on the place in the batch and the seed."""
    clips = np.repeat(photos[:, None], T, axis=1)
    clips[:, 1:] += OFFSETS[:, seed, None, None, None, None]
    return clips


animate.draws_noise = True


@pytest.fixture(scope="module")
def found():
    return best_of(animate, Source(), batch_size=BATCH, draws=3)


def test_the_best_of_each_clip_by_hand(found):
    """Places in the batches: 0, 1, then 0 again, since the second batch is filled up."""
    first = (OFFSETS[[0, 1, 0], 0] / 255.0) ** 2
    best = (OFFSETS[[0, 1, 0]].min(1) / 255.0) ** 2
    assert found["count"] == 3
    for row, errors in (("first", first), ("best", best)):
        standard, author = found[row]["standard"], found[row]["author"]
        assert standard["mse"] == pytest.approx(errors.mean(), rel=1e-5)
        assert author["mse"] == pytest.approx(4 * errors.mean() * 2 / 3, rel=1e-5)
        # Higher is better; frame 0, infinite by the author's convention, is left out.
        decibels = -10 * np.log10(errors).mean()
        assert standard["psnr"] == pytest.approx(decibels, rel=1e-5)
        assert author["psnr"] == pytest.approx(decibels, rel=1e-5)
    assert found["best"]["author"]["ssim"] > found["first"]["author"]["ssim"]


def test_the_first_draw_is_what_evaluate_scores(found):
    row = evaluate(animate, Source(), batch_size=BATCH, protocol={})["rows"]["prediction"]
    for key in ("author", "standard"):
        assert found["first"][key] == pytest.approx(row[key], rel=1e-6)


def test_perfect_clips_have_no_finite_psnr():
    def still(photos, *, seed):
        return np.repeat(photos[:, None], T, axis=1)

    found = best_of(still, Source(), batch_size=BATCH, draws=2)
    assert found["best"]["standard"]["psnr"] is None
    assert found["best"]["standard"]["mse"] == 0
    assert "-" in best_of_k.table(found).split()


def test_table(found):
    lines = best_of_k.table(found).splitlines()
    assert lines[0].split() == ["author", "mse", "psnr", "psnr_clip", "ssim"]
    assert lines[1].startswith("first draw") and lines[2].startswith("best of 3")
    assert f"{found['best']['standard']['mse']:.4f}" in lines[-1]


def test_draws_must_be_positive():
    with pytest.raises(ValueError, match=r"draws is the number of clips per photo, .* not 0"):
        best_of(animate, Source(), batch_size=BATCH, draws=0)


def opened(monkeypatch, animate):
    config = {"dataset": {}, "eval_batch_size": BATCH}
    info = {"hash": "abc", "step": "4"}
    monkeypatch.setattr(api, "load_generator", lambda path: (config, {}, info))
    monkeypatch.setattr(api.animator, "assemble", lambda *_, **__: animate)
    monkeypatch.setattr(api, "open_split", lambda *_: Source())


def test_evaluate_command_refuses_draws_without_noise(monkeypatch):
    opened(monkeypatch, SimpleNamespace(draws_noise=False))
    with pytest.raises(ValueError, match=r"--draws=8 is of models with noise, and run has none"):
        api.checkpoint("run", draws=8)


@pytest.mark.parametrize("count", [1, 3])
def test_evaluate_command(monkeypatch, capsys, tmp_path, count):
    opened(monkeypatch, animate)
    output = tmp_path / "results.json"
    api.checkpoint("run", draws=count, output=str(output))
    stored, printed = results.read_results(output), capsys.readouterr().out
    if count == 1:
        assert "draws" not in stored and "draws" not in stored["protocol"]
        assert "best of" not in printed
    else:
        assert stored["protocol"]["draws"] == count
        assert stored["draws"] == best_of(animate, Source(), batch_size=BATCH, draws=count)
        assert best_of_k.table(stored["draws"]) in printed


def test_evaluate_command_refuses_no_draws_before_it_loads_anything():
    with pytest.raises(ValueError, match="from 1 on, not -1"):
        api.checkpoint("no such run", draws=-1)
