"""The study as static files, for any web host; answers stay in browsers and are saved as files."""

import json
import shutil
from pathlib import Path

from ssagan_jax.io.atomic import replacing
from ssagan_jax.reproduce.study import folder as folders
from ssagan_jax.reproduce.study.design import draw_order
from ssagan_jax.reproduce.study.folder import CLIPS
from ssagan_jax.reproduce.study.page import read_page

ABOUT = "about.json"
ORDERS = 64  # of which each browser draws one


def export_study(folder: Path, output: Path) -> None:
    """Writes the page, the films and what the page needs to know; not the key.

    Args:
      folder: the study.
      output: a folder that is new or empty.

    Raises:
      FileExistsError: if there is something in ``output``.
      FileNotFoundError, ValueError: as ``read_study``, ``read_consent`` and ``check_clips``.
      OSError: if the files cannot be written.
    """
    study = folders.read_study(folder)
    told = folders.describe(study, folders.read_consent(folder))
    folders.check_clips(folder, study)
    if output.exists() and any(output.iterdir()):
        raise FileExistsError(f"{output} is not empty. Choose a new folder: all of it is public.")
    names = [trial.name for trial in study.trials]
    orders = [
        [
            [names.index(shown.trial), shown.left]
            for shown in draw_order(study.trials, seed=study.seed, rater=str(number))
        ]
        for number in range(ORDERS)
    ]
    for name, content in read_page().items():
        place = output if name == "index.html" else output / "static"
        with replacing(place / name) as partial:
            partial.write_bytes(content)
    (output / CLIPS).mkdir(exist_ok=True)
    for name in names:
        shutil.copyfile(folder / CLIPS / f"{name}.mp4", output / CLIPS / f"{name}.mp4")
    with replacing(output / ABOUT) as partial:  # last: without it the page shows nothing
        partial.write_text(json.dumps({**told, "names": names, "orders": orders}), "utf-8")
