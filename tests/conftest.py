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


def pytest_addoption(parser):
    parser.addoption("--skipped-to", type=Path, help="a file to write what is skipped to")
    text = "a file that lists tests, or whole files of them: only these are run"
    parser.addoption("--listed-in", type=Path, help=text)


def pytest_collection_modifyitems(config, items):
    """The longest files first (-n), so that no process is left alone with one at the end."""
    items.sort(key=lambda item: "whole" not in item.path.parts)
    if listed := config.getoption("listed_in"):
        listed = set(listed.read_text(encoding="utf-8").splitlines())
        items[:] = [i for i in items if listed & {i.nodeid, i.nodeid.partition("::")[0]}]


def pytest_configure(config):
    path = config.getoption("skipped_to")
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SkippedList(path))


class SkippedList:
    """Writes the names of skipped tests, and of files whose tests cannot be collected."""

    def __init__(self, path):
        self.path, self.skipped = path, set()

    def pytest_runtest_logreport(self, report):
        if report.skipped:
            self.skipped.add(report.nodeid)

    pytest_collectreport = pytest_runtest_logreport

    def pytest_sessionfinish(self):
        self.path.write_text("\n".join(sorted(self.skipped)) + "\n", encoding="utf-8")


def pytest_collection_finish():
    """What is there by now stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
