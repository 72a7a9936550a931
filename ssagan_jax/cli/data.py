"""``ssagan data``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

HELP = "build or check a data set"
DATASET_OPTIONS = ("list_file", "max_size")  # of some data sets: arguments of their list_shots


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("action", choices=("build", "verify"))
    parser.add_argument("name", metavar="NAME", help="sky, tiny_videos, video_folder")
    parser.add_argument(
        "--source",
        metavar="DIR",
        help="the original files; verify without it: those that are built",
    )
    parser.add_argument("--data-dir", metavar="DIR", help="of what is built (default: tfds')")
    parser.add_argument("--list-file", metavar="FILE", help="tiny_videos: the clips to take")
    parser.add_argument("--max-size", type=int, metavar="N", help="video_folder: short side, px")


def run(arguments: Namespace, overrides: Sequence[str]) -> None:
    """Builds, scans or checks a data set; prints what is there."""
    from ssagan_jax import data

    if arguments.source is None:
        if arguments.action == "build":
            raise ValueError("data build needs --source=DIR, the folder of the original files.")
        print(data.verify_built(arguments.name, data_dir=arguments.data_dir))
        return
    options = {name: getattr(arguments, name) for name in DATASET_OPTIONS}
    given = {name: value for name, value in options.items() if value is not None}
    wrong = given.keys() - data.build_options(arguments.name)
    if wrong:
        option = min(wrong).replace("_", "-")
        raise ValueError(f"--{option} is not an option of the data set {arguments.name}.")
    if arguments.action == "verify":
        print(data.verify(arguments.name, source=arguments.source, **given))
        return
    print(data.build(arguments.name, source=arguments.source, data_dir=arguments.data_dir, **given))
