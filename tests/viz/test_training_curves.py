"""Curves from metrics as a run leaves them, complete or torn."""

import json

import pytest
from PIL import Image

from ssagan_jax.viz import training_curves


def write_metrics(path, keys, *, steps=200, end=""):
    lines = [json.dumps({"step": s, **{key: s / (i + 1) for i, key in enumerate(keys)}})
             for s in range(steps)]  # fmt: skip
    path.write_text("\n".join(lines) + "\n" + end)
    return path


def picture_height(path):
    with Image.open(path) as image:
        assert image.format == "PNG"
        return image.size[1]


def test_a_panel_for_each_kind_there_is(tmp_path):
    losses = write_metrics(tmp_path / "a.jsonl", ["g/l1", "d/vanilla", "speed/steps_per_s"])
    gates = [f"gamma/encoder{level}" for level in range(12)]
    gamma = write_metrics(tmp_path / "b.jsonl", ["g/l1", "d/vanilla", *gates])
    only = write_metrics(tmp_path / "c.jsonl", ["d/vanilla"], steps=1)
    heights = [
        picture_height(training_curves.plot_losses(path, tmp_path / "new" / f"{path.stem}.png"))
        for path in (only, losses, gamma)
    ]
    assert heights[1] == 2 * heights[0] and heights[2] == 3 * heights[0]


def test_gradient_norms_have_panels_of_their_own(tmp_path):
    keys = ["g/l1", "g/gradient_norm", "d/vanilla", "d/gradient_norm", "d/gradient_penalty"]
    curves = training_curves.read_curves(write_metrics(tmp_path / "m.jsonl", keys, steps=2))
    shown = {
        title: list(training_curves._shown(p, curves))
        for title, p in training_curves.PANELS.items()
    }
    assert {title: labels for title, labels in shown.items() if labels} == {
        "Generator losses": ["l1"],
        "Generator gradient norm": ["gradient_norm"],
        "Discriminator losses": ["gradient_penalty", "vanilla"],
        "Discriminator gradient norm": ["gradient_norm"],
    }
    one = write_metrics(tmp_path / "one.jsonl", ["g/l1"], steps=2)
    alone = picture_height(training_curves.plot_losses(one, tmp_path / "one.png"))
    assert (
        picture_height(training_curves.plot_losses(tmp_path / "m.jsonl", tmp_path / "m.png"))
        == 4 * alone
    )


def test_missing_keys_and_odd_values_are_left_out(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text(
        '{"step": 1, "d/a": 1.5, "note": "text"}\n'
        '{"step": 2, "d/a": NaN, "g/l1": 3}\n'
        '{"step": 3, "d/a": null}\n{"step": 4, "d/a": 2.5}\n{"step": 5, "d/'
    )
    assert training_curves.read_curves(path) == {"d/a": ([1, 4], [1.5, 2.5]), "g/l1": ([2], [3])}
    training_curves.plot_losses(path, tmp_path / "losses.png")


def test_smoothing_is_drawn_over_the_steps_it_covers(tmp_path):
    path = write_metrics(tmp_path / "m.jsonl", ["g/l1"], steps=500, end='{"step":')
    steps, values = training_curves.read_curves(path)["g/l1"]
    assert (steps[-1], values[-1]) == (499, 499)
    assert picture_height(training_curves.plot_losses(path, tmp_path / "losses.png")) > 200


@pytest.mark.parametrize(
    ("low", "high", "scale"),
    [(0.1, 2.5, "log"), (0.5, 2.5, "linear"), (0.0, 2.5, "linear"), (-3.0, 2.5, "linear")],
)
def test_curves_that_would_flatten_each_other_are_drawn_by_their_logarithms(low, high, scale):
    assert training_curves._scale({"l1": ([1, 2], [low, 2.0]), "total": ([1], [high])}) == scale


def test_errors(tmp_path):
    with pytest.raises(FileNotFoundError, match="No metrics at"):
        training_curves.plot_losses(tmp_path / "metrics.jsonl", tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"No losses in .* Train first"):
        training_curves.plot_losses(
            write_metrics(tmp_path / "m.jsonl", ["eval/mse"]), tmp_path / "a.png"
        )
    assert not (tmp_path / "a.png").exists()


def test_damaged_lines_are_named_and_left_out(tmp_path, capsys):
    (tmp_path / "bad.jsonl").write_text('{"step": 1, "x": 1}\noops\n{"step": 2, "x": 3}\n')
    assert training_curves.read_curves(tmp_path / "bad.jsonl") == {"x": ([1, 2], [1, 3])}
    assert "bad.jsonl: damaged lines (2) are left out." in capsys.readouterr().err
