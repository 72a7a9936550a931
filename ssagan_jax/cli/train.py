"""``ssagan train``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from ssagan_jax.cli import STOPPED

HELP = "train a model"
TAKES_OVERRIDES = True


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--config", required=True, metavar="FILE[:args]", help="see configs/")
    text = "where all is written: a folder, or gs://BUCKET/FOLDER"
    parser.add_argument("--workdir", required=True, metavar="DIR", help=text)
    parser.add_argument(
        "--allow-config-change", action="store_true", help="go on with another configuration"
    )
    pods = parser.add_argument_group("several processes", "see docs/launch.md")
    pods.add_argument("--coordinator", metavar="HOST:PORT", help="of process 0")
    pods.add_argument("--processes", type=int, metavar="N", help="how many there are")
    pods.add_argument("--process-id", type=int, metavar="K", help="this one: 0 to N - 1")
    pods.add_argument("--devices", type=int, metavar="N", help="refuse another number in all")
    parser.epilog = "Any key of the config can be set: --config.optimizer.learning_rate=1e-4"


def run(arguments: Namespace, overrides: Sequence[str]) -> int:
    """Trains; ``STOPPED`` if a signal stopped the run."""
    from ssagan_jax.config import loading
    from ssagan_jax.distributed import processes
    from ssagan_jax.distributed.jax_setup import set_up_jax
    from ssagan_jax.training.loop import train

    set_up_jax()
    processes.start(
        coordinator=arguments.coordinator,
        processes=arguments.processes,
        process_id=arguments.process_id,
        devices=arguments.devices,
    )
    settings = loading.load(arguments.config, overrides)
    results = train(settings, arguments.workdir, allow_config_change=arguments.allow_config_change)
    return STOPPED if results is None else 0
