"""A bucket of an emulator on this machine, for tests and benchmarks."""

import contextlib
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from ssagan_jax.io import paths

SERVER = Path(__file__).parent / "emulator.py"
NEEDED = {"gcsfs": "gcs", "gcp_storage_emulator": "emulator"}  # and the extras that have them
MISSING = [extra for name, extra in NEEDED.items() if not importlib.util.find_spec(name)]
CLIENTS = (  # gcsfs and Google's, Orbax's, ArrayRecord's
    "STORAGE_EMULATOR_HOST",
    "TENSORSTORE_GCS_HTTP_URL",
    "CLOUD_STORAGE_EMULATOR_ENDPOINT",
)
emulated = pytest.mark.skipif(bool(MISSING), reason=f"needs the extra {' and '.join(MISSING)}")


@contextlib.contextmanager
def serving(seconds=0.0):
    """``gs://bucket`` of an emulator, each answer ``seconds`` late; this process and those that it
    starts find it.
    """
    command = [sys.executable, str(SERVER), str(seconds)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    address = server.stdout.readline().strip()
    with pytest.MonkeyPatch.context() as patch:
        for client in CLIENTS:
            patch.setenv(client, address)
        patch.setenv("NO_GCE_CHECK", "true")  # this is not one of Google's machines
        patch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")  # by gRPC, not emulated
        paths._reach.cache_clear()
        yield "gs://bucket"
    server.communicate()
    paths._reach.cache_clear()
