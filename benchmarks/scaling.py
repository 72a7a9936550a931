"""Step time on 1 to 256 chips, on paper: docs/scaling.md.

    python benchmarks/scaling.py [--config=configs/ssagan.py:size=128] [--config.key=value ...]
        [--step_seconds=S] [--clips=N] [--chip=TEXT]

Prints a Markdown table for each chip of ``CHIPS``. Arithmetic, memory traffic and what chips send
each other come from the training step, compiled here for two fake devices with a clip each; nothing
is run. The chips' rates are *assumed*. ``--step_seconds``: a step measured on one chip with
``--clips`` clips (default 16) replaces the model of arithmetic and memory. ``--chip``: only those
whose names contain this.
"""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass

from ssagan_jax.config.resolution import resolve
from ssagan_jax.distributed.compiled_collectives import mean_step_collectives

COUNTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
BATCH = 16
UTILISATION = 0.4  # assumed: of the matrix rate


@dataclass(frozen=True)
class Chip:
    """Assumed rates of a chip, in units a second, from its maker's data sheet.

    Attributes:
      products: bfloat16 operations, dense.
      memory: bytes read or written.
      link: bytes sent to chips of the same box (all of them where ``box`` is 0).
      latency: seconds before a sum within a box arrives, however small. No data sheet has it.
      box: chips joined by ``link``.
      network: bytes a second that a box sends to others.
      network_latency: as ``latency``, between boxes.
    """

    products: float
    memory: float
    link: float
    latency: float
    box: int = 0
    network: float = 0.0
    network_latency: float = 0.0


CHIPS = {
    # cloud.google.com/tpu/docs/v5e: 197 TFLOPs, 819 GBps, ICI 1600 Gbps.
    "TPU v5e, ICI": Chip(197e12, 819e9, 200e9, 10e-6),
    # NVIDIA H100 data sheet, SXM: 1,979 teraFLOPS with sparsity, half without; 3.35 TB/s;
    # NVLink 900 GB/s, half each way. Boxes of eight, one port of 400 Gbit/s for each chip.
    "H100 SXM, NVLink, 8 x 400 Gbit/s": Chip(989e12, 3.35e12, 450e9, 15e-6, 8, 400e9, 40e-6),
    # The same with one port of 100 Gbit/s for the whole box.
    "H100 SXM, NVLink, 100 Gbit/s Ethernet": Chip(989e12, 3.35e12, 450e9, 15e-6, 8, 12.5e9, 60e-6),
}


@dataclass(frozen=True)
class Step:
    """What one step needs: for each clip, and once on each chip.

    Attributes:
      products: operations for a clip.
      clip_bytes, state_bytes: memory traffic for a clip, and for the state.
      sums, sum_bytes: all-reduces, and the bytes they add up.
    """

    products: float
    clip_bytes: float
    state_bytes: float
    sums: float
    sum_bytes: float


def alone(step: Step, chip: Chip, clips: float) -> tuple[float, float]:
    """Seconds on one chip for arithmetic, and for memory; a step takes the longer."""
    arithmetic = step.products * clips / (chip.products * UTILISATION)
    return arithmetic, (step.state_bytes + step.clip_bytes * clips) / chip.memory


def sums(step: Step, chip: Chip, count: int) -> float:
    """Seconds that ``count`` chips need to add up: a ring within boxes, a ring of boxes.

    Each chip of n sends 2 (n - 1) / n of the bytes.
    """
    within = min(count, chip.box or count)
    boxes = count // within
    sent = [2 * (n - 1) / n * step.sum_bytes for n in (within, boxes)]
    seconds = sent[0] / chip.link + (step.sums * chip.latency if within > 1 else 0)
    if boxes > 1:
        seconds += sent[1] / chip.network + step.sums * chip.network_latency
    return seconds


def table(step: Step, chip: Chip, measured: float | None) -> list[str]:
    """Rows for ``COUNTS``: a batch of 16 in all, and 16 clips on each chip.

    Args:
      measured: seconds a clip on one chip, in place of ``alone``.
    """

    def seconds(clips):
        return max(alone(step, chip, clips)) if measured is None else measured * clips

    lines = [
        "| chips | sums ms | 16 clips in all: step ms | clips/s | of ideal "
        "| 16 on each: step ms | clips/s | of ideal |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for count in COUNTS:
        added = sums(step, chip, count)
        cells = [f"{count}", f"{1e3 * added:.1f}"]
        for clips in (BATCH / count, BATCH):
            time = seconds(clips) + added
            rate = clips * count / time
            ideal = rate / (count * BATCH / seconds(BATCH))
            numbers = [f"{1e3 * time:.1f}", f"{rate:,.0f}", f"{100 * ideal:.0f} %"]
            cells += numbers if clips >= 1 else ["-"] * 3
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def needed(programs: Mapping[str, Mapping], every: int) -> Step:
    """The mean step of the schedule, from ``doctor.examine`` of two devices with a clip each.

    Args:
      every: steps from one update of the generator to the next.
    """

    def mean(read):
        shares = {"generator": every}
        return sum(read(of) / shares.get(role, 1) for role, of in programs.items())

    # Read once and written once: each update moves its own network, the other's passes through.
    state = 2 * max(of["arguments"] for of in programs.values())
    sent = {role: program["communication"] for role, program in programs.items()}
    added = mean_step_collectives(sent, every)["all-reduce"]
    return Step(
        products=mean(lambda of: of["flops"]) / 2,
        clip_bytes=max(0.0, mean(lambda of: of["accessed"]) - state),
        state_bytes=state,
        sums=added["count"],
        sum_bytes=added["bytes"],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="configs/ssagan.py")
    parser.add_argument("--step_seconds", type=float)
    parser.add_argument("--clips", type=int, default=BATCH)
    parser.add_argument("--chip", default="", metavar="TEXT")
    options, overrides = parser.parse_known_args()
    os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"  # compiles sooner; nothing is run
    from ssagan_jax.config import loading
    from ssagan_jax.training import doctor

    overrides = [*overrides, "--config.batch_size=2"]
    settings = resolve(loading.load(options.config, overrides))
    step = needed(doctor.examine(settings)["programs"], settings.schedule.n_critic)
    print(f"\n`{options.config}`: {step.products / 1e9:,.0f} GFLOP and", end=" ")
    print(f"{step.clip_bytes / 2**30:.2f} GiB of memory traffic a clip,", end=" ")
    print(f"{step.state_bytes / 2**30:.2f} GiB for the state;", end=" ")
    print(f"{step.sums:.0f} sums of {step.sum_bytes / 2**20:.0f} MiB a step.")
    measured = options.step_seconds and options.step_seconds / options.clips
    for name, chip in CHIPS.items():
        if options.chip not in name:
            continue
        times = [f"{1e3 * seconds:.1f} ms" for seconds in alone(step, chip, 1)]
        print(f"\n{name}. A clip alone: arithmetic {times[0]}, memory {times[1]}.\n")
        print("\n".join(table(step, chip, measured)))


if __name__ == "__main__":
    main()
