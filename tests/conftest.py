"""Settings every test shares."""

import gc
import os
from pathlib import Path

# Before JAX is imported: tests run on the CPU.
os.environ.setdefault("JAX_PLATFORMS", "cpu")
# Compiled programs are kept: a second run of the suite takes a fraction of the first.
os.environ.setdefault(
    "JAX_COMPILATION_CACHE_DIR", str(Path(__file__).parent.parent / ".pytest_cache" / "xla")
)
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.3")
# Every test compiles much and computes little: LLVM's expensive passes cost more than they save.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
# As io/paths.py does, which some test files import after etils has looked for TensorFlow.
os.environ.setdefault("EPATH_USE_TF", "false")

from jaxtyping import install_import_hook

# Shapes in the public signatures are checked while tests run.
install_import_hook("ssagan_jax", "beartype.beartype").__enter__()


def pytest_collection_modifyitems(items):
    """The longest files first (-n), so that no process is left alone with one at the end."""
    items.sort(key=lambda item: "whole" not in item.path.parts)


def pytest_collection_finish():
    """What is there by now stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
