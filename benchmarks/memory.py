"""Memory and arithmetic of a training step, predicted from the compiled program: docs/memory.md.

    python benchmarks/memory.py [--config=configs/ssagan.py:size=64] [--config.key=value ...]

Nothing is run. Prints a Markdown table: the configuration as it is, and with each option that
changes what it needs. Memory is that of the program for both updates, per device.
"""

import sys

from ssagan_jax import config, doctor
from ssagan_jax.train import workdirs

ROWS = (
    (),
    ("precision=bfloat16",),
    ("remat=levels",),
    ("precision=bfloat16", "remat=levels"),
    ("micro_batches=4",),
    ("precision=bfloat16", "remat=levels", "micro_batches=4"),
)


def row(spec, overrides, changes):
    settings = config.load(spec, [*overrides, *(f"--config.{change}" for change in changes)])
    found = doctor.examine(workdirs.resolve(settings))["programs"][True]
    mib = [found[name] / 2**20 for name in ("arguments", "temporary", "peak")]
    numbers = " | ".join(f"{number:,.0f}" for number in mib)
    flops = f"{found['flops'] / 1e9:,.1f} | {found['compiled_flops'] / 1e9:,.1f}"
    return f"| {', '.join(changes) or 'as it is'} | {numbers} | {flops} |"


def main(arguments):
    specs = [a.partition("=")[2] for a in arguments if a.startswith("--config=")]
    overrides = [a for a in arguments if a.startswith("--config.")]
    spec = specs[0] if specs else "configs/ssagan.py:size=64"
    print(f"{spec} {' '.join(overrides)}\n")
    print("| with | state MiB | besides MiB | peak MiB | GFLOP | GFLOP by XLA, loops once |")
    print("|---|---|---|---|---|---|")
    for changes in ROWS:
        print(row(spec, overrides, changes), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
