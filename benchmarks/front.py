"""The trade-off between likeness and motion: one table and one picture of several results.

    python benchmarks/front.py -o front.png NAME=results.json NAME=results.json ...

Each results.json is what `ssagan evaluate` wrote, all by one protocol. The picture has PSNR and
SSIM (authors' convention) over the energy ratio; the still picture is at 0, real clips at 1.
Results are joined in the order given when their names share the part before a colon: the
checkpoints of one run ("l1=10:step 400").
"""

import argparse
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ssagan_jax.results import compare, read_results

METRICS = {
    "psnr": "PSNR (mean over frames), dB",
    "psnr_clip": "PSNR (of clips), dB",
    "ssim": "SSIM",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="+", metavar="NAME=FILE")
    parser.add_argument("-o", "--output", default="front.png")
    options = parser.parse_args()
    pairs = (entry.rpartition("=") for entry in options.results)
    named = {name: read_results(Path(file)) for name, _, file in pairs}
    print(compare(named))
    draw(named, options.output)


def draw(named: dict, output: str) -> None:
    figure = Figure(figsize=(13, 4), layout="constrained")
    for axes, (metric, label) in zip(
        figure.subplots(1, len(METRICS)), METRICS.items(), strict=True
    ):
        for run in dict.fromkeys(name.partition(":")[0] for name in named):
            rows = [r["rows"] for name, r in named.items() if name.partition(":")[0] == run]
            points = [point(row["prediction"], metric) for row in rows]
            axes.plot(*zip(*points, strict=True), marker="o", label=run)
        still = next(iter(named.values()))["rows"]["still"]
        axes.plot(*point(still, metric), "k*", markersize=12, label="still picture")
        axes.axhline(still["author"][metric], color="k", linewidth=0.5)
        axes.set(xlabel="energy ratio (real clips: 1)", ylabel=label)
    figure.axes[0].legend()
    FigureCanvasAgg(figure).print_png(output)


def point(row: dict, metric: str) -> tuple[float, float]:
    return row["motion"]["energy_ratio"], row["author"][metric]


if __name__ == "__main__":
    main()
