"""Results and workdirs as runs leave them, without a run."""

import json

from ssagan_jax.checkpoints import networks
from ssagan_jax.evaluation import results


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


def write_run(folder, found=None, *, config=None):
    """A workdir with results and, if given, a configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    if found is not None:
        results.write_results(found, folder / "results.json")
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))
    return folder


def write_checkpoint(folder, step=4):
    """A workdir with what ``networks.find_checkpoint`` takes for a checkpoint."""
    (folder / networks.FOLDER / str(step) / "generator").mkdir(parents=True)
    return folder
