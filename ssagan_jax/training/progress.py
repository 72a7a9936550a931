"""How training goes on: means of metrics, and the line that is printed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from clu import metrics as clu_metrics

Pending = Sequence[tuple[int, Mapping[str, Any]]]  # step, and its metrics on the host


def mean_metrics(pending: Pending) -> dict[str, float]:
    """The mean of each metric over the steps that have it, by name in alphabetical order."""
    names = sorted({name for _, metrics in pending for name in metrics})
    return {name: _mean([m[name] for _, m in pending if name in m]) for name in names}


def find_non_finite(pending: Pending) -> tuple[int, list[str]] | None:
    """The first step with metrics that are not finite, and their names; None if there is none."""
    for step, metrics in pending:
        if names := [name for name, value in metrics.items() if not np.isfinite(value)]:
            return step, names
    return None


def progress_line(step: int, num_steps: int, values: Mapping[str, float]) -> str:
    """``step 300/1000  30%  2.1 steps/s  ETA 5:33  d/total 1.38  g/l1 0.21``."""
    speed = values["speed/steps_per_s"]
    left = int((num_steps - step) / speed)
    hours, minutes, seconds = left // 3600, left // 60 % 60, left % 60
    eta = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    losses = "  ".join(
        f"{name} {value:.3g}"
        for name, value in values.items()
        if name[:2] in ("d/", "g/") and not name.endswith("gradient_norm")
    )
    head = f"step {step}/{num_steps}  {100 * step // num_steps}%  {speed:.3g} steps/s  ETA {eta}"
    return f"{head}  {losses}"


def _mean(numbers: Sequence[Any]) -> float:
    # Not ``from_model_output``: it compiles ten programs for each number of values.
    values = np.asarray(numbers)
    return float(clu_metrics.Average(total=values.sum(), count=values.size).compute())
