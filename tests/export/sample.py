"""Tiny checkpoints to export, and what their exports must give elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np

from ssagan_jax import build, saved_network
from tests.stubs import quick_jit, variables

SIZE, FRAMES = 32, 8
# Refuses this package, in whatever way it may be installed.
WITHOUT = "import sys; sys.modules['ssagan_jax'] = None\n"


def photos(count=3):
    draw = np.random.default_rng(0)
    return draw.uniform(-1, 1, (count, SIZE, SIZE, 3)).astype(np.float32)


def config(name="ssagan", *, precision="float32", **fields):
    fields = {} if name == "still" else {"features": 2, **fields}
    return {
        "dataset": {"size": SIZE, "frames": FRAMES},
        "generator": {"name": name, **fields},
        "precision": precision,
    }


def save(workdir, name="ssagan", **options):
    """A checkpoint with open gates and large weights, or all clips would be nearly equal."""
    settings = config(name, **options)
    module = build.generator(settings)
    drawn = jax.tree_util.tree_map_with_path(_strengthen, variables(module, photos()))
    saved_network.save_network(workdir, "generator", drawn, config=settings)
    return str(workdir)


def _strengthen(path, leaf):
    name = jax.tree_util.keystr(path, simple=True, separator="/")
    if name.endswith("gamma"):
        return np.full_like(leaf, 0.5)
    if name.endswith("var"):
        return np.full_like(leaf, 0.2)
    return 3 * leaf if name.endswith("kernel") else leaf


def clips(workdir, photos):
    """The model's own, every photo by itself or not; told apart, and not saturated."""
    settings, trained, _ = saved_network.load_generator(workdir)
    module = build.generator(settings)
    run = quick_jit(lambda trained, photos: module.apply(trained, photos, train=False).clip)
    result = np.asarray(run(trained, photos))
    spread = np.abs(result - result[::-1])
    assert spread.mean() > 1e-2 and (np.abs(result) < 0.99).mean() > 0.5
    return result


def elsewhere(folder: Path, card: dict, count=3, *, path=()) -> np.ndarray:
    """Clips by the card's own lines, in another process that cannot import this package."""
    np.save(folder / "photo.npy", photos(count))
    code = "\n".join(
        [
            WITHOUT,
            f"sys.path[:0] = {list(path)}",
            "import numpy as np",
            "photo = np.load('photo.npy')",
            *card["load"],
            "np.save('clip.npy', np.asarray(clip))",
            "assert sys.modules['ssagan_jax'] is None",
        ]
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return np.load(folder / "clip.npy")
