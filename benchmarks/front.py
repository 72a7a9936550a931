"""The Pareto front of likeness and motion along training: one table and one picture of runs.

    python benchmarks/front.py -o front.png NAME=WORKDIR NAME=WORKDIR ...

A run's points are all its evaluations (metrics.jsonl), joined in the order of training. MSE, PSNR
of clips and SSIM are by the authors' convention, PSNR of frames by the standard one. Runs that
were scored by different protocols are refused. The ends of a table's runs:
``ssagan reproduce``.
"""

import argparse
import json
from pathlib import Path

from ssagan_jax.evaluation.results import check_same_protocol, flatten_row, read_results
from ssagan_jax.reproduce import pareto_front

COLUMNS = ("author_mse", "standard_psnr", "author_psnr_clip", "author_ssim", pareto_front.MOTION)


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
    row = first["rows"]["still"]
    still = flatten_row(row) | {"lpips": row.get("perceptual", {}).get("lpips_alex")}
    print_table(points, still)
    pareto_front.plot_pareto_front(points, still, Path(options.output))


def evaluations(workdir: Path) -> list[dict]:
    """A run's evaluations, oldest first."""
    lines = (workdir / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    prefix = "eval/"
    found = [
        {key.removeprefix(prefix): value for key, value in row.items()}
        for row in rows
        if "eval/author_mse" in row
    ]
    return [point | {"lpips": point.get("perceptual_lpips_alex")} for point in found]


def print_table(points: dict, still: dict) -> None:
    print("| run | step | MSE | PSNR | PSNR of clips | SSIM | energy ratio |")
    print("|---|---|---|---|---|---|---|")
    numbers = " | ".join(f"{still[column]:.4f}" for column in COLUMNS)
    print(f"| still picture | | {numbers} |")
    for name, rows in points.items():
        for row in rows:
            numbers = " | ".join(f"{row[column]:.4f}" for column in COLUMNS)
            print(f"| {name} | {row['step']} | {numbers} |")


if __name__ == "__main__":
    main()
