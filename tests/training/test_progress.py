"""The line that is printed as training goes on."""

from ssagan_jax.training.progress import progress_line


def test_progress_line_has_speed_eta_and_losses():
    values = {"d/vanilla": 1.25, "g/l1": 0.5, "g/gradient_norm": 3.0, "speed/steps_per_s": 2.0}
    line = progress_line(100, 400, values)
    assert line == "step 100/400  25%  2 steps/s  ETA 2:30  d/vanilla 1.25  g/l1 0.5"


def test_progress_line_counts_hours():
    assert "ETA 2:46:40" in progress_line(0, 10_000, {"speed/steps_per_s": 1.0})
