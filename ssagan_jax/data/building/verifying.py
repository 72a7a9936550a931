"""Reads original files as a build would, and writes nothing."""

from collections.abc import Iterable, Mapping

from ssagan_jax.data.building.groups import Group, plan_groups
from ssagan_jax.data.building.progress import Progress, Report
from ssagan_jax.data.building.scan import Scan, Skipped
from ssagan_jax.data.building.shots import Outcome, Shot, add_to_scan, outcome_of, read_parts
from ssagan_jax.data.building.workers import run_groups


def verify_shots(
    items: Iterable[Shot | Skipped],
    *,
    dataset: str,
    source: str,
    published: Mapping[str, Mapping[str, int]] | None = None,
    workers: int = 1,
) -> Scan:
    """Reads every file, by so many processes; errors as ``run_groups``."""
    listed = list(items)
    shots = [item for item in listed if isinstance(item, Shot)]
    scan = Scan(dataset, str(source), published or {})
    scan.skipped += [item for item in listed if isinstance(item, Skipped)]
    with Progress(dataset, len(shots)) as progress:
        read = run_groups(_read_group, plan_groups(shots), workers=workers, report=progress.report)
    for outcomes in read:
        for outcome in outcomes:
            add_to_scan(scan, outcome)
    return scan


def _read_group(group: Group, report: Report) -> list[Outcome]:
    outcomes = []
    for shot in group.shots:
        report("shot", shot.id)
        outcome = outcome_of(shot)
        for part in read_parts(shot, outcome):
            report("frames", part.frames)
        outcomes.append(outcome)
        report("done", 1)
    return outcomes
