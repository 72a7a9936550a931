"""``ssagan configs``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

HELP = "list the configs that come with the package"


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes: nothing."""


def run(arguments: Namespace, overrides: Sequence[str]) -> None:
    """Prints name and purpose of each config, and where the files are."""
    from ssagan_jax.config import loading

    names = loading.list_names()
    width = max(map(len, names))
    for name in names:
        print(f"{name:<{width}}  {loading.describe(name).replace('``', '')}")
    print(
        f"\nIn {loading.folder()}. Arguments of each are in its file (--config=ssagan:size=64), "
        "every key is in common.py (--config.batch_size=8). Your own file: --config=DIR/mine.py."
    )
