"""The small model that comes with the package: a model folder in half precision.

    python -m ssagan_jax.checkpoints.bundled --workdir=RUN --trained-on="painted clips"

writes a run's generator, averaged where the run kept an average, into ``assets``.
"""

import argparse
from pathlib import Path

from ssagan_jax.checkpoints.model_folder import (
    DESCRIPTION,
    WEIGHTS,
    Generator,
    read_model,
    write_model,
)
from ssagan_jax.io import paths
from ssagan_jax.io.sealed_json import DamagedFile

ASSETS = Path(__file__).with_name("assets")
_NEEDED = ("dataset", "generator", "precision", "remat")  # of a config, to build the generator


def load_bundled(folder: Path | None = None) -> Generator:
    """The bundled generator, from ``ASSETS`` or another folder; results as ``read_model``.

    Raises:
      FileNotFoundError: there is none.
      ValueError: a file is damaged, altered, or of a later version.
    """
    try:
        return read_model(folder or ASSETS)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"No bundled model: {error} Install the package again, or give one of your own: "
            "--workdir=DIR of a training run. The quickest: ssagan train --config=quickstart "
            "--workdir=runs/quickstart"
        ) from error
    except DamagedFile as error:
        raise DamagedFile(f"{error} Install the package again.") from error


def save_bundled(workdir: str | Path, *, trained_on: str, folder: Path = ASSETS) -> Path:
    """Writes the generator of a run (or of one checkpoint) as the bundled one; returns the folder.

    Args:
      workdir: a training workdir, or one checkpoint folder.
      trained_on: for people: what clips, by whom, under what licence.
      folder: where.

    Raises:
      FileNotFoundError, ValueError: as ``networks.load_generator``; a kernel that float16
        cannot hold.
    """
    from ssagan_jax.checkpoints import networks

    _, variables, info = networks.load_generator(workdir)
    config = networks.read_config(paths.path(info["path"]))
    write_model(
        folder,
        variables,
        config={key: config[key] for key in _NEEDED if key in config},
        provenance={
            "trained_on": trained_on,
            "step": info["step"],
            "checkpoint": info["hash"],
            "seed": config.get("seed"),
            "batch_size": config.get("batch_size"),
        },
        half=True,
    )
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workdir", required=True, metavar="RUN")
    parser.add_argument(
        "--trained-on", "--trained_on", required=True, metavar="TEXT", help="clips and licence"
    )
    parser.add_argument("--folder", type=Path, default=ASSETS, metavar="DIR")
    options = parser.parse_args()
    folder = save_bundled(options.workdir, trained_on=options.trained_on, folder=options.folder)
    for name in (WEIGHTS, DESCRIPTION):
        print(f"{folder / name}: {(folder / name).stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
