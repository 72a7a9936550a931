"""The trade-off between likeness and motion: one table and one picture of several runs.

    python benchmarks/front.py -o front.png NAME=WORKDIR NAME=WORKDIR ...

A run's points are all its evaluations (metrics.jsonl), joined in the order of training, over the
energy ratio: the still picture is at 0, real clips at 1. MSE, PSNR of clips and SSIM are by the
authors' convention. PSNR of frames is by the standard one, which leaves frame 0 out: with it, the
still picture alone loses its best frame, whose PSNR is infinite. Runs that were scored by different
protocols are refused.
"""

import argparse
import json
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ssagan_jax.results import check_same_protocol, read_results

METRICS = {
    "standard_psnr": "PSNR of frames 1 to T - 1, dB",
    "author_psnr_clip": "PSNR of clips, dB",
    "author_ssim": "SSIM",
}
COLUMNS = ("author_mse", *METRICS, "motion_energy_ratio")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", metavar="NAME=WORKDIR")
    parser.add_argument("-o", "--output", default="front.png")
    options = parser.parse_args()
    runs = {name: Path(folder) for name, _, folder in (run.rpartition("=") for run in options.runs)}
    results = {name: read_results(folder / "results.json") for name, folder in runs.items()}
    (first_name, first), *others = results.items()
    for name, other in others:
        check_same_protocol(first, other, names=(first_name, name))
    points = {name: evaluations(folder) for name, folder in runs.items()}
    still = flat(first["rows"]["still"])
    print_table(points, still)
    draw(points, still, options.output)


def flat(row: dict) -> dict:
    """{"author_mse": ...}: a row of results with the names of metrics.jsonl."""
    groups = ("author", "standard", "motion")
    return {f"{group}_{name}": value for group in groups for name, value in row[group].items()}


def evaluations(workdir: Path) -> list[dict]:
    """A run's evaluations, oldest first."""
    lines = (workdir / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    prefix = "eval/"
    return [
        {key.removeprefix(prefix): value for key, value in row.items()}
        for row in rows
        if "eval/author_mse" in row
    ]


def print_table(points: dict, still: dict) -> None:
    print("| run | step | MSE | PSNR | PSNR of clips | SSIM | energy ratio |")
    print("|---|---|---|---|---|---|---|")
    numbers = " | ".join(f"{still[column]:.4f}" for column in COLUMNS)
    print(f"| still picture | | {numbers} |")
    for name, rows in points.items():
        for row in rows:
            numbers = " | ".join(f"{row[column]:.4f}" for column in COLUMNS)
            print(f"| {name} | {row['step']} | {numbers} |")


def draw(points: dict, still: dict, output: str) -> None:
    figure = Figure(figsize=(13, 4), layout="constrained")
    for axes, (metric, label) in zip(figure.subplots(1, 3), METRICS.items(), strict=True):
        for name, rows in points.items():
            xs = [row["motion_energy_ratio"] for row in rows]
            axes.plot(xs, [row[metric] for row in rows], marker="o", label=name)
        axes.plot(0, still[metric], "k*", markersize=12, label="still picture")
        axes.axhline(still[metric], color="k", linewidth=0.5)
        axes.set(xlabel="energy ratio (real clips: 1)", ylabel=label)
    figure.axes[0].legend()
    FigureCanvasAgg(figure).print_png(output)


if __name__ == "__main__":
    main()
