"""``ssagan train``."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ssagan_jax.cli import HUNG, STOPPED

if TYPE_CHECKING:
    from ssagan_jax.training.signals import StopSignal

HELP = "train a model"
TAKES_OVERRIDES = True


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "--config",
        required=True,
        metavar="NAME",
        help="NAME or FILE, perhaps :arguments; see ssagan configs",
    )
    text = "where all is written: a folder, or gs://BUCKET/FOLDER"
    parser.add_argument("--workdir", required=True, metavar="DIR", help=text)
    parser.add_argument(
        "--allow-config-change", action="store_true", help="go on with another configuration"
    )
    parser.add_argument(
        "--restarts",
        type=int,
        default=0,
        metavar="N",
        help="start again up to N times after a crash or a hang",
    )
    pods = parser.add_argument_group("several processes", "see docs/launch.md")
    pods.add_argument("--coordinator", metavar="HOST:PORT", help="of process 0")
    pods.add_argument("--processes", type=int, metavar="N", help="how many there are")
    pods.add_argument("--process-id", type=int, metavar="K", help="this one: 0 to N - 1")
    pods.add_argument("--devices", type=int, metavar="N", help="refuse another number in all")
    parser.epilog = "Any key of the config can be set: --config.optimizer.learning_rate=1e-4"


def run(arguments: Namespace, overrides: Sequence[str]) -> int:
    """Trains; ``STOPPED`` if a signal stopped the run, ``HUNG`` if a process was lost."""
    from ssagan_jax.training.signals import StopSignal  # light: signals count from here on

    if arguments.restarts:
        from ssagan_jax.training.supervision import supervise

        return supervise(arguments.restarts)
    stop = StopSignal()
    with stop.watched():
        return _train(arguments, overrides, stop)


def _train(arguments: Namespace, overrides: Sequence[str], stop: "StopSignal") -> int:
    from ssagan_jax.config import loading
    from ssagan_jax.distributed import processes
    from ssagan_jax.distributed.jax_setup import set_up_jax
    from ssagan_jax.training.guards import ProcessLost
    from ssagan_jax.training.loop import train

    set_up_jax()
    processes.start(
        coordinator=arguments.coordinator,
        processes=arguments.processes,
        process_id=arguments.process_id,
        devices=arguments.devices,
    )
    settings = loading.load(arguments.config, overrides)
    change = arguments.allow_config_change
    try:
        results = train(settings, arguments.workdir, allow_config_change=change, stop=stop)
    except ProcessLost as error:
        print(f"ssagan: {error}", file=sys.stderr, flush=True)
        os._exit(HUNG)  # JAX's own end would wait for the process that is gone
    return STOPPED if results is None else 0
