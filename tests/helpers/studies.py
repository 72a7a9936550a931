"""Small studies: clips of one colour a system, raters, and a server."""

import contextlib
import json
import threading
from pathlib import Path

import numpy as np
import uvicorn

from ssagan_jax.demo import hosting
from ssagan_jax.reproduce.study import making
from ssagan_jax.reproduce.study.ballots import open_ballots
from ssagan_jax.reproduce.study.folder import read_study
from ssagan_jax.reproduce.study.server import LIMITS, make_application
from tests.helpers.visitors import PATIENCE, until

COLOURS = {"ssagan": (220, 40, 40), "mdgan": (40, 40, 220), "real": (40, 200, 40)}
SHAPE = (4, 18, 34, 3)  # of a clip: no whole blocks of H.264


def write_clips(path: Path, colour, *, count=6, shape=SHAPE):
    """An .npz file of clips in one colour, which get brighter."""
    clips = np.zeros((count, *shape), np.uint8) + np.uint8(colour)
    clips += np.arange(shape[0], dtype=np.uint8)[:, None, None, None]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, clips=clips)
    return str(path)


def make_study(folder: Path, *, systems=("ssagan", "mdgan"), pairs=5, **options) -> Path:
    """A study of some systems, in a new folder."""
    sources = {
        system: write_clips(folder / "sources" / f"{system}.npz", COLOURS[system], **options)
        for system in systems
    }
    making.make_study(sources, folder / "study", pairs=pairs, seed=0)
    return folder / "study"


def answer(trial, *, left=0, chosen=0, seconds=1.5):
    """An answer as the page sends it."""
    return {"trial": trial, "left": left, "chosen": chosen, "seconds": seconds}


def answer_file(path: Path, study, rater: str, choose) -> Path:
    """The file of a rater who answers each trial with the system ``choose(trial)``."""
    answers = [answer(t.name, chosen=t.halves.index(choose(t))) for t in study.trials]
    content = {"schema": 1, "study": study.name, "rater": rater, "answers": answers}
    path.write_text(json.dumps(content))
    return path


@contextlib.contextmanager
def serving(folder: Path):
    """The study at a free port of the loopback; yields its address."""
    study = read_study(folder)
    with (
        hosting.open_socket("127.0.0.1", 0) as listening,
        open_ballots(folder, study.by_name) as ballots,
    ):
        app = make_application(study, folder, ballots, host="127.0.0.1")
        server = uvicorn.Server(hosting.server_config(app, LIMITS))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            until(lambda: server.started)
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
    assert not thread.is_alive()
