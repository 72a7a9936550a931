"""``ssagan push``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

HELP = "a trained generator onto the Hugging Face Hub"


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("address", metavar="hf://ORG/NAME", help="made if it is not there")
    text = "a run, a checkpoint or a model folder"
    parser.add_argument("--workdir", required=True, metavar="DIR", help=text)
    text = "of the weights, by its short name: apache-2.0, cc-by-4.0, other, ..."
    parser.add_argument("--licence", "--license", required=True, metavar="NAME", help=text)
    parser.add_argument("--private", action="store_true", help="only its owners see it")
    parser.add_argument("--revision", metavar="BRANCH", help="(default: main)")


def run(arguments: Namespace, overrides: Sequence[str]) -> None:
    """Uploads; prints the address with the commit."""
    from ssagan_jax.distributed.jax_setup import set_up_jax
    from ssagan_jax.export.safetensors_folder import push

    set_up_jax()
    print(
        push(
            arguments.workdir,
            arguments.address,
            licence=arguments.licence,
            private=arguments.private,
            revision=arguments.revision,
        )
    )
