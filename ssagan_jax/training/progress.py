"""The line that is printed as training goes on."""

from collections.abc import Mapping


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
