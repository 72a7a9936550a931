"""``ssagan import-torch``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

HELP = "turn the authors' PyTorch weights into a checkpoint"


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", metavar="FILE.pth", help="a state dict, as torch.save writes it")
    parser.add_argument("--model", choices=("ssagan", "mdgan"), default="ssagan")
    parser.add_argument("--role", choices=("generator", "discriminator"), default="generator")
    parser.add_argument("--stage", type=int, choices=(1, 2), default=1, help="of a generator")
    parser.add_argument("--first", default="", metavar="PATH", help="mdgan, stage 2: its stage 1")
    parser.add_argument("--output", required=True, metavar="DIR", help="for the checkpoint")


def run(arguments: Namespace, overrides: Sequence[str]) -> None:
    """Writes the checkpoint; prints where."""
    from ssagan_jax.checkpoints.torch.conversion import import_torch
    from ssagan_jax.distributed.jax_setup import set_up_jax

    set_up_jax()
    written = import_torch(
        arguments.file,
        arguments.output,
        model=arguments.model,
        role=arguments.role,
        stage=arguments.stage,
        first=arguments.first,
    )
    print(written)
