"""A run page: one HTML page of a run, finished or not, to send to a colleague."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssagan_jax.config.resolution import CONFIG, flattened
from ssagan_jax.evaluation.results import list_groups, read_results
from ssagan_jax.evaluation.results_table import MARGINS, list_draws, list_notes, rename_rows
from ssagan_jax.io import paths
from ssagan_jax.io.atomic import replacing
from ssagan_jax.io.paths import AnyPath
from ssagan_jax.viz import html_page as html
from ssagan_jax.viz import training_curves

LATER = "Not there yet."
RESULTS = (
    "still: the photo, repeated. Small, below a mean: its 95 % interval over source videos, where "
    "it was computed; below a median over clips: their quartiles."
)
WINDS = (
    "The likely wind is made from the photo alone. The wind given is measured in the true clip: a "
    "hint about the answer."
)
MASKS = (
    "The mask of the sky finder is made from the photo alone. The mask given is measured in the "
    "true clip: a hint about the answer."
)
ATTENTION = (
    "What each level attends to, for points of test photos: the more orange, the larger the "
    "weight, relative to the largest of that map."
)

VELOCITY = (
    "What moves in test photos (the mask, white), and which way it goes, in the true clip's wind "
    "where the model takes one."
)


def write_run_page(workdir: str | os.PathLike, output: str | os.PathLike | None = None) -> AnyPath:
    """Writes the page of a run; what the run has not made yet is said to be missing.

    Args:
      workdir: of the run.
      output: the page's file; ``WORKDIR/report.html`` if None.

    Returns:
      The path written.

    Raises:
      FileNotFoundError: if no run has begun in the workdir.
      ValueError: if a file of the run is damaged, or the output is no .html file.
      OSError: if the page cannot be written.
    """
    workdir = paths.path(workdir)
    output = paths.path(output or workdir / "report.html")
    if output.suffix != ".html":
        raise ValueError(f"A report is an .html file, not {output}.")
    text = render_run_page(workdir)
    with replacing(output) as partial:
        partial.write_text(text, encoding="utf-8")
    return output


def render_run_page(workdir: AnyPath) -> str:
    """The page of a run as HTML. Errors as ``write_run_page``."""
    config = _config(workdir)
    metrics = workdir / "metrics.jsonl"
    curves = training_curves.read_curves(metrics) if metrics.exists() else {}
    body = [
        _facts(config, curves),
        _clips(workdir),
        _scores(workdir),
        _training(metrics, curves),
        _picture("Attention", workdir / "attention.png", ATTENTION),
        *_velocity(workdir),
        _settings(workdir, config),
    ]
    return html.page(paths.resolved(workdir).name, body)


def _velocity(workdir: AnyPath) -> list[str]:
    """How a generator that warps moves photos; nothing of another."""
    path = workdir / "velocity.png"
    return [_picture("Velocity", path, VELOCITY)] if path.exists() else []


def _config(workdir: AnyPath) -> dict[str, Any]:
    path = workdir / CONFIG
    if not path.exists():
        raise FileNotFoundError(
            f"{workdir} holds no run: expected {CONFIG} there. Give the --workdir of "
            "`ssagan train`."
        )
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} is not the JSON object that a run writes: {error}.") from error


def _facts(config: Mapping, curves: Mapping[str, training_curves.Curve]) -> str:
    """What was trained, and how far it is."""
    step, wanted = max((steps[-1] for steps, _ in curves.values()), default=0), config["num_steps"]
    data, generator = config["dataset"], config["generator"]
    speeds = curves.get("speed/steps_per_s", ([], []))[1]
    rows = [
        ("model", f"{generator['name']}, judged by {config['discriminator']['name']}"),
        ("clips", f"{data['name']}, {data['size']} x {data['size']} x {data['frames']}"),
        ("steps", f"{step:,} of {wanted:,}, of {config['batch_size']} clips each"),
        ("speed", f"{speeds[-1]:.3g} steps/s, at the last line" if speeds else LATER),
        ("code", f"ssagan_jax {config.get('code_version', 'of an unknown version')}"),
    ]
    return html.table(("", "this run"), rows)


def _clips(workdir: AnyPath) -> str:
    """The latest samples: the moving form, and the contact sheet."""
    sheets = sorted((workdir / "samples").glob("step_*.png"))
    if not sheets:
        return html.section("Samples", html.note(LATER))
    step = int(sheets[-1].stem.removeprefix("step_"))
    forms = (sheets[-1].with_suffix(suffix) for suffix in (".mp4", ".gif"))
    moving = [path for path in forms if path.exists()][:1]
    parts = [html.media(path, f"Step {step:,}: photo, real, generated") for path in moving]
    parts.append(html.media(sheets[-1], f"Step {step:,}: frames of the same clips"))
    return html.section("Samples", *parts)


def _scores(workdir: AnyPath) -> str:
    """Each group of metrics as a table, the still picture below the model, then the draws."""
    path = workdir / "results.json"
    if not path.exists():
        return html.section("Results", html.note(LATER))
    found = read_results(path)
    rows, protocol = rename_rows(found) | list_draws(found), found["protocol"]
    parts = []
    for group in list_groups(rows.values()):
        parts += [html.heading(group), _group(rows, group)]
    parts += [html.note(text) for text in list_notes(rows, protocol.get("perceptual", {}))]
    parts.append(html.note(RESULTS))
    if "winds" in protocol:
        parts.append(html.note(WINDS))
    if "masks" in protocol:
        parts.append(html.note(MASKS))
    picture = workdir / "results.png"
    if picture.exists():
        parts.append(html.media(picture, "Per frame"))
    parts.append(html.folded("How it was scored", _values(protocol)))
    return html.section(f"Results at step {protocol.get('step', 'unknown')}", *parts)


def _group(rows: Mapping[str, Mapping], group: str) -> str:
    names = list(dict.fromkeys(name for row in rows.values() for name in row.get(group, {})))
    lines: list[tuple[str | tuple[str, str], ...]] = []
    for label, row in rows.items():
        if not (scores := row.get(group)):
            continue
        ranges = {k: v for kind in MARGINS for k, v in row.get(kind, {}).get(group, {}).items()}
        cells = [(_number(scores.get(name)), _interval(ranges.get(name))) for name in names]
        lines.append((label, *cells))
    return html.table(("", *names), lines)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _interval(pair: list[float] | None) -> str:
    return f"{pair[0]:.4g} to {pair[1]:.4g}" if pair else ""


def _training(metrics: AnyPath, curves: Mapping[str, training_curves.Curve]) -> str:
    """Losses, gradient norms and gammas, drawn from the numbers as they are now."""
    if not training_curves.has_panels(curves):
        return html.section("Training", html.note(LATER))
    with tempfile.TemporaryDirectory() as folder:
        picture = training_curves.plot_losses(metrics, Path(folder) / "losses.png")
        return html.section("Training", html.media(picture, "Losses, gradients and gammas"))


def _picture(title: str, path: AnyPath, caption: str) -> str:
    shown = html.media(path, caption) if path.exists() else html.note(LATER)
    return html.section(title, shown)


def _settings(workdir: AnyPath, config: Mapping) -> str:
    parts = [html.folded("Every key", _values(config))]
    parameters = workdir / "parameters.txt"
    if parameters.exists():
        text = html.preformatted(parameters.read_text(encoding="utf-8"))
        parts.append(html.folded("Every parameter", text))
    return html.section("Configuration", *parts)


def _values(tree: Mapping) -> str:
    rows = [(key, json.dumps(value, ensure_ascii=False)) for key, value in flattened(tree).items()]
    return html.table(("key", "value"), rows)
