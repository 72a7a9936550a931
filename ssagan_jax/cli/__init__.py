"""The command line, one file a command: its options beside what it does with them.

A command's module has ``HELP`` (one line), ``add_arguments(parser)`` and ``run(arguments,
overrides)``, which returns its exit status (None: 0); one whose configuration can be overridden by
``--config.key=value`` has ``TAKES_OVERRIDES = True``. ``main`` finds the modules; what they need
is imported in ``run``, so that ``ssagan --help`` answers at once.
"""

from ssagan_jax.distributed.exit_statuses import HUNG, STOPPED

__all__ = ["HUNG", "STOPPED", "names"]


def names(text: str) -> tuple[str, ...]:
    """``a,b`` as names: the type of an option."""
    return tuple(name.strip() for name in text.split(",") if name.strip())
