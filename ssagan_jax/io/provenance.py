"""Where numbers come from: which machine, which code."""

import os
import platform
import subprocess
from pathlib import Path

import ssagan_jax

ROOT = Path(__file__).parent.parent.parent  # of the checkout, if it is one


def describe_commit() -> str:
    """The checkout's commit, with "+ changes" if files differ from it, else the version."""
    if not (ROOT / ".git").exists():
        return f"version {ssagan_jax.__version__}"
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return f"version {ssagan_jax.__version__}"
    return f"commit {head}{' + changes' if changed else ''}"


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def describe_hardware() -> str:
    """The devices that JAX computes on, and its version: ``AMD EPYC 7B13, 2 cores; jax 0.10.2``."""
    import jax

    devices = jax.devices()
    if devices[0].platform == "cpu":
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        what = f"{_processor()}, {cores} cores"
    else:
        what = f"{len(devices)} x {devices[0].device_kind}"
    return f"{what}; Python {platform.python_version()}, jax {jax.__version__}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        lines = []
    for line in lines:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
