"""Whether the package works on this machine's accelerator: its values beside a processor's.

    python -m benchmarks.smoke                # on what JAX finds
    python -m benchmarks.smoke --device=cpu   # here: both sides are the processor

Trains a tiny model on the accelerator and on the processor, in processes of their own, goes on
from its checkpoint, scores it and animates a painted photo with it and with the package's model;
prints a table for the docs, and ends with 1 if a step failed or a value is off.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

STEPS = 6
LOSSES = 0.02  # relative: TF32 and sums in another order, over a few steps of a tiny model
GREYS = 3.0  # grey levels, mean over a clip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", choices=("cpu", "gpu", "tpu"), help="default: what JAX finds")
    device = parser.parse_args().device
    with tempfile.TemporaryDirectory() as folder:
        rows = list(compare(Path(folder), device))
    print("| what | accelerator | processor | difference | allowed | |\n|---|---|---|---|---|---|")
    for name, ours, theirs, difference, allowed in rows:
        verdict = "ok" if difference <= allowed else "**off**"
        print(f"| {name} | {ours:.6g} | {theirs:.6g} | {difference:.2g} | {allowed} | {verdict} |")
    sys.exit(any(row[3] > row[4] for row in rows))


def compare(folder: Path, device: str | None):
    """Rows of the table: what, both values, how much they differ, how much they may."""
    ours, theirs = (folder / name for name in ("accelerator", "processor"))
    for place, platform in ((ours, device), (theirs, "cpu")):
        print(f"{place.name}: {platform or 'what JAX finds'}", file=sys.stderr, flush=True)
        run(platform, "train", "--config=ssagan:tiny", f"--workdir={place}", *steps(STEPS // 2))
        run(platform, "train", "--config=ssagan:tiny", f"--workdir={place}", *steps(STEPS))
        run(platform, "evaluate", f"--workdir={place}")
        animate(platform, place)
    logs = [read_losses(place) for place in (ours, theirs)]
    for step in range(1, STEPS + 1):
        for name in sorted(
            {"d/total", "g/total"} & logs[0][step].keys()
        ):  # not every step has both
            a, b = (log[step][name] for log in logs)
            yield f"step {step}: {name}", a, b, abs(a - b) / abs(b), LOSSES
    clips = [np.load(place / "clip.npy").astype(np.float64) for place in (ours, theirs)]
    means = [clip.mean() for clip in clips]
    yield "package's model: grey levels", *means, np.abs(clips[0] - clips[1]).mean(), GREYS


def steps(count: int) -> list[str]:
    return [f"--config.num_steps={count}", "--config.log_every=1", "--config.eval_clips=2"]


def run(platform: str | None, *arguments: str) -> None:
    call(platform, "-m", "ssagan_jax.cli", *arguments)


def animate(platform: str | None, place: Path) -> None:
    """A clip of the package's model, saved as an array."""
    code = (
        "import numpy as np, ssagan_jax\n"
        "from ssagan_jax import data\n"
        "photo = data.source('synthetic', split='test', size=64, frames=1)[0]['clip']\n"
        f"np.save({str(place / 'clip.npy')!r}, ssagan_jax.load_animator()(photo))\n"
    )
    call(platform, "-c", code)


def call(platform: str | None, *arguments: str) -> None:
    chosen = {"JAX_PLATFORMS": {"gpu": "cuda"}.get(platform, platform)} if platform else {}
    subprocess.run([sys.executable, *arguments], env=os.environ | chosen, check=True)


def read_losses(place: Path) -> dict[int, dict[str, float]]:
    lines = (place / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[int, dict[str, float]] = {}
    for line in map(json.loads, lines):
        found.setdefault(line["step"], {}).update(line)
    return found


if __name__ == "__main__":
    main()
