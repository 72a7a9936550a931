"""A training step with the output form ``warp`` and a given wind, against one with ``residual``.

    python -m benchmarks.warp

SSA-GAN with the poster's recipe: 64 pixels, 16 frames, 16 features, batch 4; and 128 pixels, 32
frames, 32 features, batch 1. "Its" is residual's, "ours" is warp's.
"""

import argparse

from benchmarks import step
from benchmarks.side_by_side import Contender, main, options

SHAPES = {
    "64 px": dict(size=64, frames=16, features=16, batch=4),
    "128 px": dict(size=128, frames=32, features=32, batch=1),
}
FORMS = {
    "residual": ["generator.output=residual"],
    "ours": ["generator.output=warp", "generator.wind=given"],
}


def ours(asked: argparse.Namespace, size: str, form: str):
    changed = {**vars(asked), **SHAPES[size], "recipe": "poster", "config": FORMS[form]}
    return step.ours(argparse.Namespace(**changed), "iteration")


def contenders(asked: argparse.Namespace, size: str) -> dict[str, Contender]:
    """Who is measured in a case."""
    return {form: Contender(ours, step.OURS, (asked, size, form), compiles=True) for form in FORMS}


if __name__ == "__main__":
    asked = options(argparse.ArgumentParser(description=__doc__.splitlines()[0]))
    main({size: contenders(asked, size) for size in SHAPES}, asked)
