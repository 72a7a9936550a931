"""TPU slices that are not here, to compile for: ``ssagan doctor --topology=v5e:4x4``.

The package libtpu has the TPU's compiler, which needs no TPU. What it compiles is what a slice
would run, so what each chip needs and what chips send each other are known before one is rented.
"""

import contextlib
import os
import re
from collections.abc import Iterator, Mapping

import jax
from jax.experimental import topologies

# Nobody is asked what machine this is, and nothing is said of not finding out.
QUIET = {
    "ALLOW_MULTIPLE_LIBTPU_LOAD": "1",  # no chip is touched, so others may have them
    "TPU_SKIP_MDS_QUERY": "1",
    "TPU_ACCELERATOR_TYPE": "v5litepod-8",
    "TPU_WORKER_HOSTNAMES": "localhost",
    "TPU_STDERR_LOG_LEVEL": "3",
    "TPU_MIN_LOG_LEVEL": "3",
}


def devices(name: str) -> list:
    """The chips of a slice, such as ``v5e:4x4``: generation, and chips along each axis.

    They are ``jax.Device``s to compile for, which hold no arrays.

    Raises:
      ValueError: for a slice that there is not.
      ImportError: without libtpu.
    """
    if not re.fullmatch(r"v\d+[a-z]*:\d+x\d+(x\d+)?", name):
        raise ValueError(
            f"--topology={name} is not a slice: expected a generation and its chips along each "
            'axis, such as "v5e:2x4", "v6e:4x4" or "v5p:2x2x1".'
        )
    try:
        import libtpu  # noqa: F401
    except ModuleNotFoundError as error:
        raise ImportError(
            f"--topology={name} needs the TPU's compiler (no TPU): pip install "
            f"'jax[tpu]=={jax.__version__}'"
        ) from error
    try:
        with _environment(QUIET):
            found = topologies.get_topology_desc(platform="tpu", topology_name=name)
        return list(found.devices)
    except Exception as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"--topology={name}: libtpu refuses it: {reason}") from error


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Sets what is not set, for a while."""
    added = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]
