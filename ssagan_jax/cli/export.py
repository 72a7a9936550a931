"""``ssagan export``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

HELP = "the generator as a file for other programs, or as a folder to share"


FORMATS = "stablehlo, onnx, savedmodel; safetensors: a folder that this package reads"


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    text = "a run or a checkpoint (default: the small model of the package)"
    parser.add_argument("--workdir", metavar="DIR", help=text)
    parser.add_argument("--format", required=True, metavar="F", help=FORMATS)
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="a file or folder")
    parser.add_argument("--batch", default="symbolic", metavar="N", help="photos (default: any)")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier export")
    text = "safetensors: of the weights, by its short name (apache-2.0, ...), for the card"
    parser.add_argument("--licence", "--license", metavar="NAME", help=text)


def run(arguments: Namespace, overrides: Sequence[str]) -> None:
    """Writes the file and its card; prints where."""
    from ssagan_jax.distributed.jax_setup import set_up_jax
    from ssagan_jax.export import export

    set_up_jax()
    written = export(
        arguments.workdir,
        arguments.output,
        format=arguments.format,
        batch=arguments.batch,
        overwrite=arguments.overwrite,
        licence=arguments.licence,
    )
    print(written)
    if arguments.format != "safetensors":  # whose card is within
        print(f"{written}.json")
