"""``ssagan report``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

HELP = "one HTML page of a run"


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--workdir", required=True, metavar="DIR", help="a training run")
    parser.add_argument("-o", "--output", metavar="FILE.html", help="(default: in the workdir)")


def run(arguments: Namespace, overrides: Sequence[str]) -> None:
    """Writes the page; prints where."""
    from ssagan_jax.evaluation import run_page

    print(run_page.write_run_page(arguments.workdir, arguments.output))
