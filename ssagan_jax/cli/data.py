"""``ssagan data``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

HELP = "download, build or check a data set"
# Of some data sets: arguments of their list_shots.
DATASET_OPTIONS = (
    *("list_file", "short", "split", "max_size", "fps", "hdr", "keep_damaged"),
    *("prepare", "cuts", "drop_frozen", "crop_bars", "still_camera", "stabilise", "preview"),
)

_VIDEO_FLAGS = {
    "--keep-damaged": "what is whole of damaged videos",
    "--prepare": "--cuts, --drop-frozen, --crop-bars, --still-camera",
    "--cuts": "cut videos where scenes change",
    "--drop-frozen": "drop what is black or frozen, and duplicates",
    "--crop-bars": "crop black bars",
    "--stabilise": "hold still, and keep, what shakes a little",
}

FETCH_OPTIONS = ("to", "repo", "revision", "keep_archives")
BEAM_OPTIONS = ("runner", "beam_options")
READING_OPTIONS = (*DATASET_OPTIONS, "workers", "report", *BEAM_OPTIONS)


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("action", choices=("fetch", "build", "verify"))
    parser.add_argument("name", metavar="NAME", help="sky, tiny_videos, video_folder")
    parser.add_argument(
        "--source",
        metavar="DIR",
        help="the original files; verify without it: those that are built",
    )
    parser.add_argument("--data-dir", metavar="DIR", help="of what is built (default: tfds')")
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes that read (default: 1)",
    )
    parser.add_argument(
        "--runner",
        metavar="NAME",
        help="build by Apache Beam instead: DirectRunner, DataflowRunner, FlinkRunner, ...",
    )
    parser.add_argument("--beam-options", metavar="'--A=B ...'", help="of Beam and its runner")
    parser.add_argument("--list-file", metavar="FILE", help="tiny_videos: the clips to take")
    parser.add_argument(
        "--short", metavar="HOW", help="tiny_videos: strips under 32 frames: drop, repeat, black"
    )
    parser.add_argument("--split", metavar="HOW", help="tiny_videos: hash, authors")
    parser.add_argument("--report", metavar="FILE", help="verify: every file's fate, as JSON")
    parser.add_argument("--max-size", type=int, metavar="N", help="video_folder: short side, px")
    parser.add_argument("--fps", type=float, metavar="N", help="video_folder: frames/s of videos")
    parser.add_argument(
        "--hdr", metavar="HOW", help="video_folder: refuse (default), tonemap or as_is"
    )
    for option, what in _VIDEO_FLAGS.items():
        parser.add_argument(option, action="store_true", default=None, help=f"video_folder: {what}")
    parser.add_argument(
        "--still-camera",
        type=float,
        nargs="?",
        const=0.01,
        metavar="LIMIT",
        help="video_folder: keep where the camera stands (share of the width over 32 frames)",
    )
    parser.add_argument(
        "--preview", metavar="FILE", help="video_folder: a page on what is kept, and what is not"
    )
    fetch = parser.add_argument_group("fetch", "from a mirror on the Hugging Face Hub")
    fetch.add_argument("--to", metavar="DIR", help="where the original files go")
    fetch.add_argument("--repo", metavar="ORG/NAME", help="another mirror than those known")
    fetch.add_argument("--revision", metavar="REV", help="a branch, tag or commit of it")
    fetch.add_argument(
        "--keep-archives", action="store_true", default=None, help="keep them when unpacked"
    )


def run(arguments: Namespace, overrides: Sequence[str]) -> None:
    """Downloads, builds, scans or checks a data set; prints what is there."""
    from ssagan_jax import data

    if arguments.action == "fetch":
        print(_fetch(arguments))
        return
    _refuse_given(arguments, FETCH_OPTIONS)
    if arguments.source is None:
        if arguments.action == "build":
            raise ValueError("data build needs --source=DIR, the folder of the original files.")
        _refuse_given(arguments, READING_OPTIONS, "data verify without --source=DIR")
        print(data.verify_built(arguments.name, data_dir=arguments.data_dir))
        return
    options = {name: getattr(arguments, name) for name in DATASET_OPTIONS}
    given = {name: value for name, value in options.items() if value is not None}
    wrong = given.keys() - data.build_options(arguments.name)
    if wrong:
        option = min(wrong).replace("_", "-")
        raise ValueError(f"--{option} is not an option of the data set {arguments.name}.")
    given.update(source=arguments.source, workers=arguments.workers or 1)
    if arguments.action == "verify":
        _refuse_given(arguments, ("data_dir", *BEAM_OPTIONS), "data verify with --source=DIR")
        scan = data.verify(arguments.name, **given)
        if arguments.report:
            scan.write_report(arguments.report)
        print(scan)
        return
    _refuse_given(arguments, ("report",))
    beam = {"runner": arguments.runner, "beam_options": arguments.beam_options or ""}
    print(data.build(arguments.name, data_dir=arguments.data_dir, **given, **beam))


def _fetch(arguments: Namespace) -> str:
    from ssagan_jax import data

    _refuse_given(arguments, ("source", "data_dir", *READING_OPTIONS))
    if arguments.to is None:
        raise ValueError("data fetch needs --to=DIR, the folder that the original files come to.")
    held, scan = data.fetch(
        arguments.name,
        to=arguments.to,
        repo=arguments.repo,
        revision=arguments.revision,
        keep_archives=bool(arguments.keep_archives),
    )
    name, where = arguments.name, f"--source={arguments.to}"
    return (
        f"{arguments.to} holds {held}.\n\n{scan}\n\n"
        f"Counted by name. Read every file: ssagan data verify {name} {where}\n"
        f"Build: ssagan data build {name} {where}"
    )


def _refuse_given(arguments: Namespace, names: Sequence[str], command: str = "") -> None:
    for name in names:
        if getattr(arguments, name) is not None:
            option = name.replace("_", "-")
            command = command or f"data {arguments.action}"
            raise ValueError(f"--{option} is not an option of {command}.")
