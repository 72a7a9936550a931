"""Tiny checkpoints to export, and what their exports must give elsewhere."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import jax
import numpy as np

from ssagan_jax.checkpoints import networks
from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.models import from_config
from tests.helpers.stubs import quick_jit, variables

SIZE, FRAMES = 32, 8
# Refuses this package, in whatever way it may be installed.
WITHOUT = "import sys; sys.modules['ssagan_jax'] = None\n"
# What PYTHONPATH adds to the environment, but for this package.
ROOT = Path(__file__).parents[2]
FOLDERS = os.environ.get("PYTHONPATH", "").split(os.pathsep)
OTHERS = [folder for folder in FOLDERS if folder and Path(folder).resolve() != ROOT]


def photos(count=3):
    draw = np.random.default_rng(0)
    return draw.uniform(-1, 1, (count, SIZE, SIZE, 3)).astype(np.float32)


def config(name="ssagan", *, precision="float32", **fields):
    return {
        "dataset": {"size": SIZE, "frames": FRAMES},
        "generator": {"name": name, "features": 2, **fields},
        "precision": precision,
    }


def save(workdir, name="ssagan", *, strength=5, **options):
    """A checkpoint with open gates and large weights, or all clips would be nearly equal."""
    settings = config(name, **options)
    module = from_config.generator(NetworkConfig.from_json(settings, "generator"))
    drawn = jax.tree_util.tree_map_with_path(
        partial(_strengthen, strength), variables(module, photos())
    )
    if "spectral" in drawn:  # those drawn say nothing of the kernels
        update = partial(module.apply, train=True, mutable=["spectral", "batch_stats"])
        drawn["spectral"] = quick_jit(update)(drawn, photos())[1]["spectral"]
    networks.save_network(workdir, "generator", drawn, config=settings)
    return str(workdir)


def _strengthen(strength, path, leaf):
    name = jax.tree_util.keystr(path, simple=True, separator="/")
    if name.endswith("gamma"):
        return np.full_like(leaf, 0.5)
    if name.endswith("var"):
        return np.full_like(leaf, 0.1)
    return strength * leaf if name.endswith("kernel") else leaf


def clips(workdir, photos):
    """The model's own: different for each photo, and not cut off at -1 and 1."""
    network, trained, _ = networks.load_generator(workdir)
    module = from_config.generator(network)
    run = quick_jit(lambda trained, photos: module.apply(trained, photos, train=False).clip)
    result = np.asarray(run(trained, photos))
    spread = np.abs(result - result[::-1])
    assert spread.mean() > 1e-2 and (np.abs(result) < 0.99).mean() > 0.3
    return result


def fields(workdir, photos):
    """Velocity, mask and change of a model that warps, and the wind where it takes one."""
    network, trained, _ = networks.load_generator(workdir)
    module = from_config.generator(network)
    run = quick_jit(lambda trained, photos: module.apply(trained, photos, train=False).extras)
    found = run(trained, photos)
    names = ["velocity", "mask", "change", *(["wind"] if "wind" in found else [])]
    return {name: found[name] for name in names} | {"mask": np.asarray(found["mask"])[..., 0]}


def elsewhere(folder: Path, card: dict, count=3) -> np.ndarray:
    """Clips by the card's own lines, in another process that cannot import this package."""
    np.save(folder / "photo.npy", photos(count))
    code = "\n".join(
        [
            WITHOUT,
            f"sys.path[:0] = {OTHERS}",
            "import numpy as np",
            "photo = np.load('photo.npy')",
            *card["load"],
            "np.save('clip.npy', np.asarray(clip))",
            "assert sys.modules['ssagan_jax'] is None",
        ]
    )
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return np.load(folder / "clip.npy")
