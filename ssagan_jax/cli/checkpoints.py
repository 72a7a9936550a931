"""``ssagan checkpoints``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence

HELP = "list, check or look into the checkpoints of a run"


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("action", choices=("list", "verify", "inspect"))
    parser.add_argument("--workdir", required=True, metavar="DIR", help="a training run")
    parser.add_argument("--step", type=int, metavar="N", help="inspect: (default: the newest)")


def run(arguments: Namespace, overrides: Sequence[str]) -> int:
    """Prints a table; of ``verify`` then each fault. Returns 1 if there is any."""
    from ssagan_jax.checkpoints import listing
    from ssagan_jax.checkpoints.finding import FOLDER
    from ssagan_jax.distributed.jax_setup import set_up_jax
    from ssagan_jax.io import paths

    set_up_jax()
    faults: list[str] = []
    if arguments.action == "list":
        rows = listing.list_checkpoints(arguments.workdir)
    elif arguments.action == "verify":
        rows, faults = listing.verify_checkpoints(arguments.workdir)
    else:
        place = paths.path(arguments.workdir)
        if arguments.step is not None:
            place = place / FOLDER / str(arguments.step)
        rows = listing.inspect_checkpoint(place)
    print(align(rows))
    for line in faults:
        print(line)
    return int(bool(faults))


def align(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows with the same keys as columns of text, the keys above."""
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
