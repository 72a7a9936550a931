"""``ssagan import-torch``: the authors' weights as a checkpoint."""

import hashlib
from pathlib import Path

from ssagan_jax.checkpoints import save_network
from ssagan_jax.weights import fields, torch_import


def import_torch(
    path: str | Path,
    output: str | Path,
    *,
    model: str = "ssagan",
    role: str = "generator",
    stage: int = 1,
) -> str:
    """Writes a checkpoint of one network alone; arguments and errors as ``load_torch``.

    A generator's can be animated, evaluated and trained further; MD-GAN's first stage lies
    under ``stage1``, where training of the second looks for it. A discriminator's can be
    trained further.

    Args:
      output: a folder without checkpoints, to write to.

    Returns:
      What was found in the file, where it is now, and what to type next.

    Raises:
      ValueError: also if ``output`` holds checkpoints already.
    """
    network, variables = torch_import.read(path, model=model, role=role, stage=stage)
    source = dict(
        file=Path(path).name,
        sha256=hashlib.sha256(Path(path).read_bytes()).hexdigest(),
        model=model,
        role=role,
        stage=stage,
    )
    config = {**config_of(network, role), "imported": source}
    folder = save_network(output, role, variables, config=config)
    return _report(network, role, folder, Path(output))


def config_of(network: fields.Network, role: str) -> dict:
    """The part of a resolved config that animating and evaluating need.

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


def _report(network, role, folder, output) -> str:
    fields = ", ".join(f"{key}={value}" for key, value in network.fields.items())
    lines = [f"{role} {network.name}: {fields}", f"Written: {folder}", "", "Next:"]
    if role == "generator":
        lines += [
            f"  ssagan generate PHOTO.jpg -o sky.mp4 --workdir={output}",
            f"  ssagan evaluate --workdir={output} --dataset=NAME --data_dir=DIR",
        ]
    lines += [f"  ssagan train --config.start_from.{role}={output} ... (with the fields above)"]
    return "\n".join(lines)
