"""Damage to the newest checkpoint of a run, and what its readers then do: ``benchmarks.faults``.

The readers are what training goes on with, and what evaluation, animation and export load.
"""

import contextlib
import functools
import io
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from unittest import mock

import jax
from flax import linen as nn
from jax.sharding import SingleDeviceSharding

from ssagan_jax.checkpoints import networks
from ssagan_jax.checkpoints.array_trees import digest
from ssagan_jax.checkpoints.finding import FOLDER, list_steps
from ssagan_jax.config.schema import Config
from ssagan_jax.io.manifests import MANIFEST
from ssagan_jax.training.damaged_checkpoints import put_damaged_aside
from ssagan_jax.training.from_config import build_gan
from ssagan_jax.training.full_checkpoints import Checkpoints, to_items
from ssagan_jax.training.state import GanState, create

Damage = Callable[[Path], None]  # done to a checkpoint's folder
# "found": named in one line, and the checkpoint before was taken, to the bit. "refused": one line,
# an error. "harmless": what was read is what was written, to the bit. "silent": it is not.
# "unexplained": an error of a library, or of several lines.
OUTCOMES = ("found", "refused", "harmless", "silent", "unexplained")
PLAIN = (ValueError, OSError)


def resume(workdir: Path) -> str:
    """The digest of the state, and of the input's position, that training goes on with."""
    put_damaged_aside(workdir)
    manager = Checkpoints(workdir)
    try:
        step = manager.latest
        assert step is not None
        state, position = manager.restore(
            step, abstract_state((workdir / "config.json").read_text())
        )
    finally:
        manager.close()
    return digest(to_items(state)) + json.dumps(position, sort_keys=True)


def generator(workdir: Path) -> str:
    """The digest of the generator, and what is built from its configuration."""
    network, _, info = networks.load_generator(workdir)
    return f"{info['hash']} {network}"


READERS: Mapping[str, Callable[[Path], str]] = {"training": resume, "generator": generator}


def drill(workdir: Path, damages: Mapping[str, list[Damage]], scratch: Path) -> dict:
    """Each damage, done to a copy of the newest checkpoint, and then each reader.

    Args:
      workdir: of a run with two checkpoints and its config.json.
      damages: by kind.
      scratch: a folder for copies.

    Returns:
      Counts of ``OUTCOMES`` by (kind, reader).
    """
    with mock.patch.object(networks, "expected", _expected_once):
        return _drill(workdir, damages, scratch)


_expected = networks.expected


def _expected_once(module: nn.Module, *, averages: Collection[str]) -> dict:
    """The shapes of a module's variables: tracing them is most of what loading a tiny one takes."""
    return _traced(module, frozenset(averages))


@functools.cache
def _traced(module: nn.Module, averages: frozenset[str]) -> dict:
    return _expected(module, averages=averages)


def _drill(workdir: Path, damages: Mapping[str, list[Damage]], scratch: Path) -> dict:
    newest, before = list_steps(workdir)[:2]
    expected = {}
    for name, read in READERS.items():
        expected[name] = read(_copy(workdir, scratch))
        older = _copy(workdir, scratch)
        shutil.rmtree(older / FOLDER / newest.name)
        expected[name, "before"] = read(older)
        assert expected[name] != expected[name, "before"], before
    counts: dict = {}
    for kind, ways in damages.items():
        for damage in ways:
            for name, read in READERS.items():
                copied = _copy(workdir, scratch)
                damage(copied / FOLDER / newest.name)
                outcome = _outcome(read, copied, expected[name], expected[name, "before"])
                counts.setdefault((kind, name), Counter())[outcome] += 1
    return counts


def flips(folder: Path, count: int, seed: int = 0) -> list[Damage]:
    """Single bits: of every other the file is drawn first, of the rest any byte of all files."""
    rng = random.Random(seed)
    paths = [path for path in _files(folder) if path.stat().st_size]
    sizes = [path.stat().st_size for path in paths]
    ways = []
    for number in range(count):
        [path] = rng.choices(paths, weights=None if number % 2 else sizes)
        bit = rng.randrange(8 * path.stat().st_size)
        ways.append(functools.partial(_flip, path.relative_to(folder), bit))
    return ways


def losses(folder: Path) -> dict[str, list[Damage]]:
    """Every file cut to half its length, emptied, and deleted."""
    names = [path.relative_to(folder) for path in _files(folder)]
    kinds = {"cut in half": _cut, "emptied": _empty, "deleted": _delete}
    return {kind: [functools.partial(way, name) for name in names] for kind, way in kinds.items()}


def without_manifests(workdir: Path) -> None:
    """As checkpoints of earlier versions are."""
    for step in list_steps(workdir):
        (step / MANIFEST).unlink()


def table(counts: Mapping) -> Iterator[str]:
    """Markdown."""
    yield f"| damage | reader | tried | {' | '.join(OUTCOMES)} |"
    yield "|---" * (3 + len(OUTCOMES)) + "|"
    for (kind, reader), found in counts.items():
        cells = [kind, reader, found.total(), *(found[outcome] for outcome in OUTCOMES)]
        yield f"| {' | '.join(map(str, cells))} |"


def _outcome(read: Callable[[Path], str], workdir: Path, expected: str, before: str) -> str:
    with contextlib.redirect_stderr(io.StringIO()) as said:
        try:
            found = read(workdir)
        except PLAIN as error:
            return "unexplained" if "\n" in str(error) or not _named(error) else "refused"
        except Exception:
            return "unexplained"
    if "is damaged (" in said.getvalue() and found == before:
        return "found"
    return "harmless" if found == expected else "silent"


def _named(error: Exception) -> bool:
    """Whether a message says which checkpoint it is about."""
    return FOLDER in str(error)


@functools.cache
def abstract_state(config: str) -> GanState:
    """The shapes of a run's state, to restore into; of its configuration as JSON."""
    gan = build_gan(Config.from_json(json.loads(config)))
    place = SingleDeviceSharding(jax.devices()[0])
    state = jax.eval_shape(functools.partial(create, gan), 0)
    return jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=place), state)


def _copy(workdir: Path, scratch: Path) -> Path:
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(workdir / FOLDER, scratch / FOLDER)
    shutil.copy(workdir / "config.json", scratch)
    return scratch


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _flip(name: Path, bit: int, folder: Path) -> None:
    content = bytearray((folder / name).read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    (folder / name).write_bytes(content)


def _cut(name: Path, folder: Path) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])


def _empty(name: Path, folder: Path) -> None:
    (folder / name).write_bytes(b"")


def _delete(name: Path, folder: Path) -> None:
    (folder / name).unlink()
