"""``ssagan import-torch``: the authors' weights as a checkpoint."""

import hashlib
import shlex
from pathlib import Path
from typing import Any

from ssagan_jax.checkpoints.networks import save_network
from ssagan_jax.checkpoints.torch import fields, loading, two_stages

ALONE = (
    "This is a second stage's network alone, which refines clips: given a photo, it refines the "
    "photo standing still."
)
WITH_FIRST = " --first=STAGE1.pth (or a run of stage 1) makes the system of both."


def import_torch(
    path: str | Path,
    output: str | Path,
    *,
    model: str = "ssagan",
    role: str = "generator",
    stage: int = 1,
    first: str | Path = "",
) -> str:
    """Writes a checkpoint of one network; arguments and errors as ``load_torch``.

    A generator's can be animated, evaluated and trained further; MD-GAN's first stage lies
    under ``stage1``, where training of the second looks for it. A discriminator's can be
    trained further. Of a second stage it is the second network alone, unless ``first`` is given.

    Args:
      output: a folder without checkpoints, to write to.
      first: of MD-GAN's second stage: the file, workdir or checkpoint of the first one. Both
        are written as one generator.

    Returns:
      What was found in the file, where it is now, and what to type next.

    Raises:
      ValueError: also if ``output`` holds checkpoints already, or ``first`` is of no use or not
        of the same kind.
    """
    if first and (model, role, stage) != ("mdgan", "generator", 2):
        raise ValueError("first=... belongs to model=mdgan, role=generator, stage=2 alone.")
    network, variables = loading.read_network(path, model=model, role=role, stage=stage)
    source = dict(file=Path(path).name, sha256=_sha256(path), model=model, role=role, stage=stage)
    if first:
        network, variables = two_stages.join_stages(first, network, variables)
        source["first"] = str(first)
    config = {**inference_config(network, role), "imported": source}
    folder = save_network(output, role, variables, config=config)
    note = []
    if stage == 2 and not first:
        note = [ALONE + WITH_FIRST] if model == "mdgan" else [ALONE]
    following = _next(network, role, model, output)
    return "\n".join([*_found(network, role, folder), *note, "", "Next:", *following])


def inference_config(network: fields.Network, role: str) -> dict:
    """The part of a resolved configuration that animating and evaluating need.

    The authors' own test set is named; ``ssagan evaluate --dataset`` takes another.
    """
    size = {key: network.fields[key] for key in ("size", "frames")}
    module = {key: value for key, value in network.fields.items() if key not in size}
    return {
        "seed": 0,
        "dataset": {
            "name": "sky",
            "data_dir": "",
            **size,
            "frame_step": 1,
            "windows": "all",
            "flip": False,
        },
        "eval_batch_size": 16,
        role: {"name": network.name, **module},
    }


def _found(network: fields.Network, role: str, folder: Any) -> list[str]:
    fields = ", ".join(f"{key}={value}" for key, value in network.fields.items())
    return [f"{role} {network.name}: {fields}", f"Written: {folder}"]


def _next(network: fields.Network, role: str, model: str, output: str | Path) -> list[str]:
    lines = []
    if role == "generator":
        lines += [
            f"  ssagan generate PHOTO.jpg -o sky.mp4 --workdir={output}",
            f"  ssagan evaluate --workdir={output} --dataset=NAME --data-dir=DIR",
        ]
    if network.name != "unet":  # MD-GAN's training knows no second network alone
        lines.append(f"  {_train(network, role, model, output)}")
    return lines


def _train(network: fields.Network, role: str, model: str, output: str | Path) -> str:
    """The command that trains on from it, by the authors' recipe; of MD-GAN, the second stage."""
    arguments = ["stage=2"] if network.name == "mdgan" and role == "generator" else []
    arguments += ["dataset=sky", "recipe=author"]
    arguments += [f"{key}={network.fields[key]}" for key in ("size", "frames")]
    options = {
        f"config.{role}.{key}": value
        for key, value in network.fields.items()
        if key not in ("size", "frames", "stage") and value is not None
    }
    options |= {f"config.start_from.{role}": output, "config.dataset.data_dir": "DIR"}
    command = ["ssagan", "train", f"--config={model}:{','.join(arguments)}"]
    command += ["--workdir=runs/NAME", *(f"--{key}={value}" for key, value in options.items())]
    return shlex.join(command)


def _sha256(path: str | Path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
