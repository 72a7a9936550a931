"""Results and workdirs as runs leave them, without a run."""

import json

import numpy as np

from ssagan_jax.checkpoints import finding
from ssagan_jax.evaluation import results
from ssagan_jax.evaluation.clip_table import ClipScores, find_clip_table, write_clip_scores


def scores(psnr, *, energy=0.5, **more):
    """A row of results."""
    conventions = {"mse": 0.02, "psnr": psnr, "psnr_clip": psnr - 1, "ssim": 0.6}
    motion = {"energy_ratio": energy, "flow_ratio": 0.4, "static_share": 0.0}
    rest = {"curves": {}, "left_out": {}}
    return {"author": conventions, "standard": conventions, "motion": motion, **rest, **more}


def result(psnr=24.0, *, step=4, size=32, still=22.0, protocol=(), **more):
    """What a run's results.json holds."""
    described = {"clip": [8, size, size], "data": {"dataset": "synthetic"}, "step": step}
    return {
        "protocol": {**described, "checkpoint": f"hash of {psnr}", **dict(protocol)},
        "rows": {"prediction": scores(psnr, **more), "still": scores(still, energy=0.0)},
    }


def windy_result(**more):
    """What a run of a model that takes a wind leaves, after ``ssagan evaluate --draws=8``."""
    psnr = {"prediction": 24.0, "wind_given": 27.0, "wind_reversed": 21.0, "wind_none": 22.5}
    made = result(protocol={"winds": list(psnr), "draws": 8}, **more)
    made["rows"] = {name: scores(x) | of_clips(0.9) for name, x in psnr.items()} | {
        "still": made["rows"]["still"]
    }
    mean, best = ({k: scores(x)[k] for k in DRAWN} for x in (23.5, 26.0))
    best["motion"] = dict.fromkeys(best["motion"])
    return made | {"draws": {"count": 8, "first": mean, "mean": mean, "best": best}}


def bounds_result():
    """What ``reproduce.bounds`` leaves."""
    made = result()
    still = made["rows"]["still"]
    return made | {
        "rows": {"static_field": scores(30.0), "one_vector": scores(29.0), "still": still}
    }


DRAWN = ("author", "standard", "motion")


def of_clips(median):
    """Motion of a row that has a median over clips, and its quartiles."""
    motion = {**scores(0)["motion"], "energy_ratio_median": median}
    return {"motion": motion, "quartiles": {"motion": {"energy_ratio_median": [0.5, 1.5]}}}


def write_run(folder, found=None, *, config=None):
    """A workdir with results and, if given, a configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    if found is not None:
        path = folder / "results.json"
        results.write_results(found, path)
        rows = {name: {"standard_psnr": np.zeros(2)} for name in found["rows"]}
        write_clip_scores(ClipScores(("a", "b"), rows), find_clip_table(path))
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))
    return folder


def write_checkpoint(folder, step=4):
    """A workdir with what ``finding.find_checkpoint`` takes for a checkpoint."""
    (folder / finding.FOLDER / str(step) / "generator").mkdir(parents=True)
    return folder
