"""Memory and arithmetic of a training step, predicted from the compiled program: docs/memory.md.

    python benchmarks/memory.py [--run] [--config=configs/ssagan.py:size=64] [--config.KEY=VALUE]

Prints a Markdown table: the configuration as it is, and with each option that changes what it
needs. Memory is that of the larger of the step's two programs, per device; arithmetic that of the
mean step of the schedule. With ``--run`` the steps are also run, for steps a second (medians after
a warm-up); otherwise nothing is.
"""

import sys
import tempfile

from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.training import doctor

ROWS = (
    (),
    ("precision=bfloat16",),
    ("remat=levels",),
    ("precision=bfloat16", "remat=levels"),
    ("micro_batches=4",),
    ("precision=bfloat16", "remat=levels", "micro_batches=4"),
)


def row(spec, overrides, changes, run):
    overrides = [*overrides, *(f"--config.{change}" for change in changes)]
    settings = loading.load(spec, overrides)
    if settings.batch_size % settings.micro_batches:
        return None
    found = doctor.examine(resolve(settings))["programs"]
    largest = max(found.values(), key=lambda program: program["peak"])
    mib = [largest[name] / 2**20 for name in ("arguments", "temporary", "peak")]
    numbers = " | ".join(f"{number:,.0f}" for number in mib)
    every = {"generator": settings.n_critic}
    flops = " | ".join(
        f"{sum(one[name] / every.get(role, 1) for role, one in found.items()) / 1e9:,.1f}"
        for name in ("flops", "compiled_flops")
    )
    speed = f"{1 / seconds(spec, overrides):.3g}" if run else "not yet run"
    return f"| {', '.join(changes) or 'as it is'} | {numbers} | {flops} | {speed} |"


def seconds(spec, overrides):
    from overlap import Training

    with tempfile.TemporaryDirectory() as folder:
        return Training(spec, overrides, folder).step_seconds()


def main(arguments):
    specs = [a.partition("=")[2] for a in arguments if a.startswith("--config=")]
    overrides = [a for a in arguments if a.startswith("--config.")]
    spec = specs[0] if specs else "configs/ssagan.py:size=64"
    print(f"{spec} {' '.join(overrides)}\n")
    print(
        "| with | state MiB | besides MiB | peak MiB | GFLOP | GFLOP by XLA, loops once | steps/s |"
    )
    print("|---|---|---|---|---|---|---|")
    for changes in ROWS:
        if line := row(spec, overrides, changes, "--run" in arguments):
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
