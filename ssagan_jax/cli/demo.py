"""``ssagan demo``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

HELP = "a page that animates visitors' photos"


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--workdir", metavar="DIR", help="a training run (default: a small model)")
    text = (
        "address to listen at; 0.0.0.0: for everybody in the network (default: only this machine)"
    )
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help=text)
    parser.add_argument("--port", type=int, default=8000, metavar="N")
    text = "clips can be made on visitors' devices, with a folder as docs/demo.md tells to make"
    parser.add_argument("--on-device", metavar="FOLDER", help=text)


def run(arguments: Namespace, overrides: Sequence[str]) -> None:
    """Serves until the process is told to stop."""
    from ssagan_jax.distributed.jax_setup import set_up_jax

    set_up_jax()
    try:
        from ssagan_jax.demo import command
    except ModuleNotFoundError as error:
        raise ImportError(
            f"ssagan demo needs the package {error.name}: pip install 'ssagan_jax[demo]'"
        ) from error
    command.serve(
        arguments.workdir,
        host=arguments.host,
        port=arguments.port,
        on_device=arguments.on_device,
    )
