"""``ssagan study serve``: binds the port, serves until Ctrl-C."""

from pathlib import Path

import uvicorn

from ssagan_jax.demo import hosting
from ssagan_jax.reproduce.study import folder as folders
from ssagan_jax.reproduce.study.ballots import open_ballots
from ssagan_jax.reproduce.study.server import LIMITS, make_application


def serve(folder: Path, *, host: str, port: int) -> None:
    """Serves a study until the process is told to stop.

    Args:
      folder: the study.
      host: as ``hosting.open_socket``.
      port: 0 takes any that is free.

    Raises:
      FileNotFoundError, ValueError: as ``read_study`` and ``read_consent``; films are missing.
      OSError: the port is taken, or another process serves the study.
    """
    study = folders.read_study(folder)
    folders.read_consent(folder)
    folders.check_clips(folder, study)
    with (
        hosting.open_socket(host, port) as listening,
        open_ballots(folder, study.by_name) as ballots,
    ):
        app = make_application(study, folder, ballots, host=host)
        print(
            hosting.welcome("The study", host, listening.getsockname()[1], page="docs/study.md"),
            flush=True,
        )
        uvicorn.Server(hosting.server_config(app, LIMITS)).run(sockets=[listening])
