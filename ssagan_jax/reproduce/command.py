"""``ssagan reproduce``: trains what is missing, gathers what is there, writes the table."""

import json
from collections.abc import Mapping, Sequence

from ssagan_jax.evaluation.results import SUBJECT
from ssagan_jax.evaluation.results_table import list_few_clips_warnings
from ssagan_jax.io import provenance
from ssagan_jax.io.atomic import replacing
from ssagan_jax.reproduce import (
    columns,
    differences,
    gather,
    pareto_front,
    picture,
    plan,
    preferences,
    psnr_bound,
    runs_table,
    scores_table,
    tables,
    training,
)
from ssagan_jax.viz.tables import Table, Value

NOTES = (
    "PSNR (author) counts frame 0. The still picture's frame 0 is perfect, so infinite, so left "
    "out; a network's is only excellent and counts. Compare with the still picture by PSNR "
    "(standard).",
    "Motion energy: mean squared change from frame to frame, relative to the real clips' (1); the "
    "still picture has 0. It is pooled over clips, and one clip that moves much can decide it; so "
    "the median over clips of each clip's own ratio stands beside it, with its quartiles in "
    "brackets (of several seeds: the means of both).",
    "In brackets: the range over seeds where a row has several; of one seed, the bootstrap "
    "interval over source videos where it was computed.",
    "Steps are batches seen: a recipe with several discriminator updates per generator update "
    "updates its generator less often (see Runs).",
)


DIFFERENCES = (
    "Means over the seeds that both have. In brackets: the 95 % interval of a paired bootstrap "
    "over source videos and, where there are several, seeds. One that does not hold 0 says that "
    "the rows differ on these clips; of twenty such intervals one is wrong by chance."
)

WIND_NOTES = (
    "Likely wind: made from the photo alone, as the poster's protocol wants it. Wind given: "
    "measured by optical flow in the true clip, a hint about the answer; reversed and none are its "
    "controls.",
    f"{tables.DRAWS} winds drawn: from the prior, which sees the photo alone. The best is chosen "
    "for each clip and each metric by itself, knowing the real clip: an upper bound. It is no one "
    "clip, so it has no motion, and no distance of sets.",
    "Bounds are computed from the true clips, without training: how far moving the photo can go.",
)


def reproduce(
    options: plan.Options, *, rows: str = "", train: bool = False, votes: str = ""
) -> training.Outcome:
    """Writes WORKDIRS/TABLE.md, .csv, .png and TABLE_front.png, and prints the first.

    With ``options.statistics="batch"`` they are called TABLE_batch.

    Args:
      options: which table, where, how much training.
      rows: names of the rows to train and show, comma-separated; empty: all.
      train: train the rows that are missing.
      votes: the CSV file of a study, for the table ``pos``; empty: the poster's counts.

    Returns:
      What became of the training.

    Raises:
      FileNotFoundError: without the votes' file.
      ValueError: for an unknown table, row or budget, damaged results or votes.
      OSError: if the workdirs cannot be written.
    """
    _check_options(options, rows=rows, train=train, votes=votes)
    if options.table == "pos":
        _write_table(
            options,
            "Preferences",
            *preferences.tabulate_preferences(votes, options.workdirs / "pos.png"),
        )
        return training.Outcome()
    selected = tables.select_rows(options.table, rows)
    runs = tables.list_trainings(options.table, selected)
    plan.check_overrides(runs, options)
    outcome = training.train_rows(runs, options) if train else training.Outcome()
    found = gather.gather_runs(selected, options)
    kinds = gather.name_protocols(found)
    table = scores_table.tabulate_scores(found, kinds)
    picture.plot_table(found, kinds, options.workdirs / f"{options.title}.png")
    sections = _sections(selected, found, kinds, options, outcome)
    by = "" if options.statistics == "running" else ", statistics of each batch"
    _write_table(options, f"Table: {options.table}{by}", table, sections)
    _draw_pareto_fronts(found, kinds, options)
    return outcome


def _check_options(options: plan.Options, *, rows: str, train: bool, votes: str) -> None:
    table = options.table
    if table not in tables.NAMES:
        raise ValueError(f'Unknown table "{table}". Known: {", ".join(tables.NAMES)}.')
    if votes and table != "pos":
        raise ValueError(f"--votes belongs to --table=pos, not to {table}.")
    if table == "pos" and (rows or train or _is_about_training(options)):
        raise ValueError("--table=pos is about votes: it takes --votes and --workdirs only.")


def _is_about_training(options: plan.Options) -> bool:
    """Whether any option is about training or scoring."""
    plain = plan.Options(table=options.table, workdirs=options.workdirs, budget=options.budget)
    return options != plain


def _sections(
    rows: Sequence[tables.Row],
    found: Sequence[gather.Gathered],
    kinds: Mapping[str, Mapping],
    options: plan.Options,
    outcome: training.Outcome,
) -> dict[str, str]:
    """Headings and texts under the table."""
    asked = [result["protocol"].get("perceptual", {}) for result in kinds.values()]
    notes = [*NOTES, *(text for each in asked for text in list_few_clips_warnings(each))]
    if len(kinds) > 1:
        notes.insert(0, "Rows scored differently (see below) must not be compared.")
    if not any(row.poster for row in rows):
        notes.insert(0, "The poster has no numbers for these rows.")
    if options.table == "wind":
        notes += WIND_NOTES
    sections = {"Notes": _listed([*_list_unequal_steps(found), *notes])}
    if any(row.poster for row in rows):
        bounds = psnr_bound.tabulate_bounds(rows).markdown()
        sections["The poster's PSNR against its MSE"] = (
            f"{psnr_bound.__doc__.partition(chr(10))[2].strip()}\n\n{bounds}\n\n"
            f"{_listed(psnr_bound.explain_bounds(rows))}"
        )
    if (compared := differences.tabulate_differences(found)) is not None:
        sections["Differences"] = f"{DIFFERENCES}\n\n{compared.markdown()}"
    sections["Runs"] = runs_table.tabulate_runs(found, options).markdown()
    sections |= {f"Scored as {name}": _protocol(result) for name, result in kinds.items()}
    problems = _list_problems(found, options, outcome)
    return sections | ({"Problems": _listed(problems)} if problems else {})


def _list_problems(
    found: Sequence[gather.Gathered], options: plan.Options, outcome: training.Outcome
) -> list[str]:
    """Runs that failed, rows without usable results, and rows trained otherwise than asked."""
    return [
        *(f"{name}: {reason}" for name, reason in outcome.failed.items()),
        *(f"{x.row.name}: {x.problem}" for x in found if x.problem),
        *(
            f"{x.row.name}: not what --budget={options.budget} trains: {text}"
            for x in found
            if (text := gather.find_mismatch(x, options))
        ),
    ]


def _list_unequal_steps(found: Sequence[gather.Gathered]) -> list[str]:
    """A warning where rows, or seeds of one row, were not trained for equally long."""
    steps = {
        x.row.name: sorted({str(run.results["protocol"].get("step")) for run in x.runs})
        for x in found
        if x.runs and x.row.config  # others show a run of these, or were not trained
    }
    if len({step for several in steps.values() for step in several}) < 2:
        return []
    listed = ", ".join(f"{name} {' and '.join(several)}" for name, several in steps.items())
    return [f"Runs differ in how long they were trained (steps): {listed}."]


def _listed(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {' '.join(sentence.split())}" for sentence in sentences if sentence)


def _protocol(results: Mapping) -> str:
    protocol = {key: x for key, x in results["protocol"].items() if key not in SUBJECT}
    return f"```json\n{json.dumps(protocol, indent=2)}\n```"


def _write_table(
    options: plan.Options, title: str, table: Table, sections: Mapping[str, str]
) -> None:
    """The Markdown and CSV files; prints the table and where they are."""
    text = f"# {title}\n\n{_header(options)}\n\n{table.markdown()}\n"
    text += "".join(f"\n## {heading}\n\n{body}\n" for heading, body in sections.items())
    base = options.workdirs / options.title
    for suffix, content in ((".md", text), (".csv", table.csv())):
        with replacing(base.with_suffix(suffix)) as partial:
            partial.write_text(content, encoding="utf-8")
    print(table.markdown())
    print(f"\nWritten: {base}.md, {base}.csv, {base}.png")


def _header(options: plan.Options) -> str:
    return f"Put together with {provenance.describe_commit()} on {provenance.describe_hardware()}."


def _draw_pareto_fronts(
    found: Sequence[gather.Gathered], kinds: Mapping[str, Mapping], options: plan.Options
) -> None:
    """One Pareto front for each protocol that rows were scored by."""
    for name in kinds:
        rows = [x for x in found if gather.find_protocol(x, kinds) == name]
        points = {
            x.row.label: [_average_point(x.scores())] for x in rows if x.row.shows != "draws_best"
        }
        ending = "front" if len(kinds) == 1 else f"front_{name}"
        path = options.workdirs / f"{options.title}_{ending}.png"
        still = _average_point(rows[0].scores("still"))
        try:
            pareto_front.plot_pareto_front(
                points, still, path, best=_best_points(rows), control=found[0].row.label
            )
            print(f"Written: {path}")
        except ValueError as error:  # clips that stand still have no energy to compare with
            print(f"{path} was not drawn: {error}")


def _average_point(scores: Sequence[Mapping]) -> dict[str, float | None]:
    """The mean over seeds of what a Pareto front shows."""
    cells = {key: columns.average_metric(scores, key) for key in columns.METRICS}
    known = {key: cell for key, cell in cells.items() if isinstance(cell, Value)}
    if "energy_ratio" in known:
        known[pareto_front.MOTION] = known["energy_ratio"]
    ends = {"": "mean", "_low": "low", "_high": "high"}
    return {
        f"{key}{end}": getattr(known.get(key), name, None)
        for key in (*columns.METRICS, pareto_front.MOTION)
        for end, name in ends.items()
    }


def _best_points(rows: Sequence[gather.Gathered]) -> dict[str, dict[str, float | None]]:
    """The best of K of each row whose every run was scored so."""
    points = {}
    for x in rows:
        best_of_k = [run.results["draws"]["best"] for run in x.runs if "draws" in run.results]
        if len(best_of_k) == len(x.runs):
            best = _average_point(best_of_k)
            points[x.row.label] = best | {
                pareto_front.MOTION: _average_point(x.scores())[pareto_front.MOTION]
            }
    return points
