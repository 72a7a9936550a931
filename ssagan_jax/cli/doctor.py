"""``ssagan doctor``."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

HELP = "what a configuration needs: parameters, arithmetic, memory"
TAKES_OVERRIDES = True


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "--config",
        required=True,
        metavar="NAME",
        help="NAME or FILE, perhaps :arguments; see ssagan configs",
    )
    text = "a TPU slice that is not here, to compile for: v5e:2x4 (needs libtpu, no TPU)"
    parser.add_argument("--topology", default="", metavar="SLICE", help=text)
    parser.epilog = "Any key of the config can be set, as in ssagan train"


def run(arguments: Namespace, overrides: Sequence[str]) -> None:
    """Prints what training would need."""
    from ssagan_jax.config import loading
    from ssagan_jax.config.resolution import resolve
    from ssagan_jax.distributed.jax_setup import set_up_jax
    from ssagan_jax.training import doctor

    set_up_jax()
    settings = resolve(loading.load(arguments.config, overrides))
    print(doctor.describe_needs(settings, topology=arguments.topology))
