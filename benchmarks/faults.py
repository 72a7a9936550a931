"""Faults at full count, and what became of each: docs/reliability.md.

    python -m benchmarks.faults [--flips=200] [--seed=0] [--losses] [--bare] [--cost=5]

``--flips=N`` trains a tiny run (unless ``--run`` names one) and turns N bits of its newest
checkpoint over, one at a time; ``--losses`` cuts, empties and deletes every file of it. With
``--bare`` the manifests are removed first, as earlier versions wrote none. ``--cost=N`` times
saving and loading a state of the paper's size, with manifests and without, N times by turns.

    python -m benchmarks.faults [--kills=20] [--signals=20] [--pairs=10]

kills (-9) or signals N tiny runs at random moments and lets them go on to the end; kills or stops
one of two processes, N times. Prints Markdown.
"""

import argparse
import contextlib
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from unittest import mock

TINY = "configs/ssagan.py:tiny"
PAPER = "configs/ssagan.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flips", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the flips")
    parser.add_argument("--run", type=Path, metavar="DIR", help="a tiny run with two checkpoints")
    parser.add_argument("--losses", action="store_true")
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--cost", type=int, default=0, metavar="N")
    parser.add_argument("--kills", type=int, default=0, metavar="N")
    parser.add_argument("--signals", type=int, default=0, metavar="N")
    parser.add_argument("--pairs", type=int, default=0, metavar="N")
    options = parser.parse_args()
    print(f"`python -m benchmarks.faults {' '.join(sys.argv[1:])}`, {machine()}\n")
    with tempfile.TemporaryDirectory() as folder:
        if options.flips or options.losses:
            damage_checkpoints(Path(folder), options)
        if options.cost:
            time_manifests(Path(folder), options.cost)
        if options.kills or options.signals or options.pairs:
            disturb_processes(Path(folder), options)


def machine() -> str:
    """Where this runs."""
    return (
        f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}, "
        f"jax {version('jax')}, orbax {version('orbax-checkpoint')}, "
        f"load {os.getloadavg()[0]:.1f} at the start"
    )


def damage_checkpoints(folder: Path, options: argparse.Namespace) -> None:
    """Prints what became of each damage, by reader."""
    from benchmarks import checkpoint_drills as drills
    from ssagan_jax.checkpoints.finding import list_steps
    from ssagan_jax.config.loading import load
    from ssagan_jax.distributed.jax_setup import set_up_jax
    from ssagan_jax.training.loop import train

    set_up_jax()
    if options.run:
        shutil.copytree(options.run, folder / "run")
    else:
        config = load(TINY)
        config.num_steps, config.checkpoint_every = 2, 1
        with contextlib.redirect_stdout(sys.stderr):
            train(config, folder / "run")
    if options.bare:
        drills.without_manifests(folder / "run")
    newest = list_steps(folder / "run")[0]
    damages = drills.losses(newest) if options.losses else {}
    if options.flips:
        damages["bit flipped"] = drills.flips(newest, options.flips, options.seed)
    print(*drills.table(drills.drill(folder / "run", damages, folder / "copy")), sep="\n")


def disturb_processes(folder: Path, options: argparse.Namespace) -> None:
    """Prints what became of each run."""
    from benchmarks import process_drills as drills

    counts = {}
    for name in ("kills", "signals", "pairs"):
        if count := getattr(options, name):
            counts[name] = getattr(drills, name)(folder / name, count, options.seed)
    print(*drills.table(counts), sep="\n")


def time_manifests(folder: Path, count: int) -> None:
    """Prints a table of seconds, of the wall and of the processor."""
    import json

    import jax

    from benchmarks.checkpoint_drills import abstract_state
    from ssagan_jax.checkpoints import networks
    from ssagan_jax.config.loading import load
    from ssagan_jax.config.resolution import resolve
    from ssagan_jax.distributed.jax_setup import set_up_jax
    from ssagan_jax.io import manifests
    from ssagan_jax.training.damaged_checkpoints import put_damaged_aside
    from ssagan_jax.training.full_checkpoints import Checkpoints

    set_up_jax()
    stored = json.loads(json.dumps(resolve(load(PAPER)).to_json()))
    wanted = abstract_state(json.dumps(stored))
    state = jax.jit(
        lambda key: jax.tree.map(lambda x: jax.random.uniform(key, x.shape).astype(x.dtype), wanted)
    )(jax.random.key(0))
    size = sum(leaf.nbytes for leaf in jax.tree.leaves(state)) / 1e6

    def save(place: Path) -> None:
        manager = Checkpoints(place)
        manager.save(1, state, data={}, config=stored)
        manager.wait()
        manager.close()

    def resume(place: Path) -> None:
        put_damaged_aside(place)
        manager = Checkpoints(place)
        manager.restore(1, wanted, checked=True)
        manager.close()

    cases = {"save": save, "resume": resume, "load the generator": networks.load_generator}
    seconds: dict[tuple[str, bool], list[tuple[float, float]]] = {}
    for number in range(count):
        for checked in (True, False) if number % 2 else (False, True):
            place = folder / f"{number}{checked}"
            with contextlib.ExitStack() as stack:
                if not checked:
                    stack.enter_context(mock.patch.object(manifests, "write_manifest", _nothing))
                    stack.enter_context(mock.patch.object(manifests, "has_manifest", _always))
                    stack.enter_context(mock.patch.object(manifests, "find_faults", _no_fault))
                for name, case in cases.items():
                    seconds.setdefault((name, checked), []).append(_timed(case, place))
            shutil.rmtree(place)
    print(f"A state of {size:.0f} MB ({PAPER}), {count} times by turns.\n")
    print("| | without: wall s (min to max) | with | without: processor s | with |")
    print("|---|---|---|---|---|")
    for name in cases:
        cells = [
            _spread([pair[clock] for pair in seconds[name, checked]])
            for clock in (0, 1)
            for checked in (False, True)
        ]
        print(f"| {name} | {' | '.join(cells)} |")


def _timed(case: Callable[[Path], object], place: Path) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    case(place)
    return time.perf_counter() - wall, time.process_time() - processor


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _nothing(folder: object) -> None:
    pass


def _always(folder: object) -> bool:
    return True


def _no_fault(folder: object, parts: object = ()) -> list[str]:
    return []


if __name__ == "__main__":
    main()
