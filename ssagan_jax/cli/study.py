"""``ssagan study``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ssagan_jax.cli import names

HELP = "ask people which clips are more realistic"
_OPTIONS = {
    "make": ("a", "b", "real", "names", "pairs", "seed", "fps", "output"),
    "serve": ("host", "port"),
    "score": ("files", "most_failed", "output"),
    "export": ("output",),
}


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("action", choices=tuple(_OPTIONS))
    parser.add_argument("study", nargs="?", metavar="STUDY", help="serve, score, export: the study")
    parser.add_argument("files", nargs="*", metavar="FILE", help="score: answers that were saved")
    text = "make: the new study; export: a new folder; score: STUDY/scores"
    parser.add_argument("-o", "--output", metavar="DIR", help=text)
    make = parser.add_argument_group("make")
    text = "clips of one system: a folder of videos, an .npz file with clips, or a run"
    make.add_argument("--a", metavar="DIR", help=text)
    make.add_argument("--b", metavar="DIR", help="of the other; clips of one name are compared")
    make.add_argument("--real", metavar="DIR", help="real ones (a run: of its data): also compared")
    text = "what the systems are called (default: as their folders)"
    make.add_argument("--names", type=names, metavar="A,B", help=text)
    text = "of each two systems (default: 100)"
    make.add_argument("--pairs", type=int, metavar="N", help=text)
    make.add_argument("--seed", type=int, metavar="N", help="of all draws (default: 0)")
    make.add_argument("--fps", type=float, metavar="N", help="frames per second (default: 25)")
    serve = parser.add_argument_group("serve")
    text = "address to listen at; 0.0.0.0: for everybody in the network (default: this machine)"
    serve.add_argument("--host", metavar="ADDRESS", help=text)
    serve.add_argument("--port", type=int, metavar="N", help="default: 8000")
    score = parser.add_argument_group("score")
    text = "also without raters who chose noise more often (default: 1)"
    score.add_argument("--most-failed", type=int, metavar="N", help=text)


def run(arguments: Namespace, overrides: Sequence[str]) -> None:
    """Makes, serves, scores or exports a study."""
    given = {
        name: value
        for name in sorted({name for options in _OPTIONS.values() for name in options})
        if (value := getattr(arguments, name)) not in (None, [])
    }
    _refuse(arguments.action, given, arguments.study)
    _RUN[arguments.action](Path(arguments.study or ""), given)


def _refuse(action: str, given: dict[str, Any], study: str | None) -> None:
    """Raises ValueError for an option of another action, or one that is missing."""
    if wrong := sorted(given.keys() - set(_OPTIONS[action])):
        option = "FILE" if wrong[0] == "files" else f"--{wrong[0].replace('_', '-')}"
        raise ValueError(f"{option} is not an option of study {action}.")
    if action == "make" and study:
        raise ValueError(f"study make takes options only: -o {study} is where the study goes.")
    if action != "make" and not study:
        raise ValueError(f"study {action} needs a study's folder: ssagan study {action} STUDY.")
    for name in ("seed", "most_failed"):
        if given.get(name, 0) < 0:
            option = name.replace("_", "-")
            raise ValueError(f"--{option} is {given[name]}; expected a whole number from 0 on.")
    needed = {"make": ("a", "b", "output"), "export": ("output",)}.get(action, ())
    if missing := [name for name in needed if name not in given]:
        raise ValueError(f"study {action} needs --{missing[0]}=DIR.")


def _make(_: Path, given: dict[str, Any]) -> None:
    from ssagan_jax.distributed.jax_setup import set_up_jax
    from ssagan_jax.io import paths
    from ssagan_jax.io.video_files import FPS
    from ssagan_jax.reproduce.study import making
    from ssagan_jax.reproduce.study.folder import CONSENTS

    set_up_jax()
    both = given["a"], given["b"]
    sources = dict(zip(making.name_systems(*both, given.get("names", ())), both, strict=True))
    if "real" in given:
        sources[making.REAL] = given["real"]
    folder = paths.on_disk(given["output"], "--output")
    study = making.make_study(
        sources,
        folder,
        pairs=given.get("pairs", 100),
        seed=given.get("seed", 0),
        fps=given.get("fps", FPS),
    )
    print(
        f"{folder}: {len(study.trials)} pairs for each rater. Edit {CONSENTS[0]} in it, the text "
        f"that raters read first; then ssagan study serve {folder}."
    )


def _serve(study: Path, given: dict[str, Any]) -> None:
    try:
        from ssagan_jax.reproduce.study import serving
    except ModuleNotFoundError as error:
        raise ImportError(
            f"ssagan study serve needs the package {error.name}: pip install 'ssagan_jax[demo]'"
        ) from error
    serving.serve(study, host=given.get("host", "127.0.0.1"), port=given.get("port", 8000))


def _score(study: Path, given: dict[str, Any]) -> None:
    from ssagan_jax.reproduce.study_report import MOST_FAILED, score_study

    score_study(
        study,
        [Path(file) for file in given.get("files", ())],
        output=Path(given["output"]) if "output" in given else None,
        most_failed=given.get("most_failed", MOST_FAILED),
    )


def _export(study: Path, given: dict[str, Any]) -> None:
    from ssagan_jax.reproduce.study.exporting import export_study

    export_study(study, Path(given["output"]))
    print(f"{given['output']}: for any web host. What raters save there goes to study score.")


_RUN = {"make": _make, "serve": _serve, "score": _score, "export": _export}
