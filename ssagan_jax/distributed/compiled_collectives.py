"""What the devices of a compiled program send each other, read from its text.

The project's code asks for means (``ops.collectives``); XLA joins some of them and gathers what
is sharded. So what a step sends is known from the compiled program only.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from ssagan_jax.distributed.compiled_text import read_computations, walk

KINDS = ("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute")

_ARRAY = re.compile(r"(?P<dtype>[a-z]\w*)\[(?P<shape>[\d,]*)\]")


@dataclass(frozen=True)
class Collective:
    """One operation between devices.

    Attributes:
      kind: one of ``KINDS``.
      arrays: (element type, shape) of each array it leaves on a device. One operation may take
        several.
      group: how many devices it is between; 0: all (or a permutation, which has no groups).
      times: how often it runs in a step: more than once within a loop.
      counted: whether ``times`` is known; a loop that does not say how often it runs counts once.
      source: where in the Python code it comes from, as far as XLA says.
    """

    kind: str
    arrays: tuple[tuple[str, tuple[int, ...]], ...]
    group: int
    times: int
    counted: bool
    source: str

    @property
    def bytes(self) -> int:
        """Of the whole arrays, each time: what is summed, gathered, or scattered.

        Raises:
          ValueError: for a scattered sum whose number of devices the program does not say.
        """
        if self.kind == "reduce-scatter" and not self.group:
            raise ValueError(f"How many devices share {self} is not in the program.")
        left = sum(_bits(dtype) * prod(shape) // 8 for dtype, shape in self.arrays)
        return left * self.group if self.kind == "reduce-scatter" else left


def read_collectives(program: str) -> list[Collective]:
    """All collectives of a program, as ``jitted.lower(...).compile().as_text()`` has it.

    An asynchronous one, started in one place and awaited in another, is one. Of a condition, those
    of every branch are listed.

    Raises:
      ValueError: for groups of devices in a notation that is not known.
    """
    computations, entry = read_computations(program)
    named = {one["name"]: one for lines in computations.values() for one in lines}
    found = []
    for one, times, counted in walk(computations, entry):
        kind = one["opcode"].removesuffix("-done")
        if kind in KINDS:
            # Of an asynchronous one, the end has the result's type, the start has the rest.
            start = named[_operand(one)] if kind != one["opcode"] else one
            found.append(_collective(kind, one["type"], start["rest"], times, counted))
    return found


def summarise_collectives(found: Sequence[Collective]) -> dict[str, dict[str, int]]:
    """{kind: {"count": operations in a step, "bytes": of the whole arrays}}, without absent kinds.

    Loops count as often as they run.
    """
    chosen = {kind: [one for one in found if one.kind == kind] for kind in KINDS}
    return {
        kind: {
            "count": sum(one.times for one in ones),
            "bytes": sum(one.times * one.bytes for one in ones),
        }
        for kind, ones in chosen.items()
        if ones
    }


def mean_step_collectives(
    every: Mapping[str, Mapping[str, Mapping[str, int]]], n_critic: int
) -> dict:
    """The summary of the schedule's mean step, from those of its programs, of which the
    ``generator``'s follows every ``n_critic`` steps.
    """
    shares = {role: 1 / n_critic if role == "generator" else 1 for role in every}

    def mean(kind, what):
        return sum(share * every[role].get(kind, {}).get(what, 0) for role, share in shares.items())

    present = [kind for kind in KINDS if any(kind in every[role] for role in shares)]
    return {kind: {what: mean(kind, what) for what in ("count", "bytes")} for kind in present}


def describe_collectives(totals: Mapping[str, Mapping[str, int | float]]) -> str:
    """A summary in words: ``52 all-reduce of 12.34 MiB``."""
    parts = [
        f"{round(of['count'], 1):,g} {kind} of {of['bytes'] / 2**20:,.2f} MiB"
        for kind, of in totals.items()
    ]
    return "; ".join(parts) or "none"


def _operand(instruction):
    """The name of what an instruction with one operand takes."""
    return re.findall(r"%([\w.\-]+)\)", instruction["rest"])[0]


def _collective(kind, kept, attributes, times, counted):
    arrays = tuple(
        (one["dtype"], tuple(int(n) for n in one["shape"].split(",") if n))
        for one in _ARRAY.finditer(kept)
    )
    source = re.search(r'op_name="([^"]*)"', attributes)
    group = 0 if kind == "collective-permute" else _group(attributes)
    return Collective(kind, arrays, group, times, counted, source[1] if source else "")


def _group(attributes: str) -> int:
    """How many devices one group has: XLA writes groups in three ways."""
    if "replica_groups={}" in attributes:
        return 0
    if listed := re.search(r"replica_groups=\{\{([\d,]+)\}", attributes):
        return len(listed[1].split(","))
    if counted := re.search(r"replica_groups=\[\d+,(\d+)\]<=", attributes):
        return int(counted[1])
    if named := re.search(r"replica_groups=mesh\[([^\]]*)\][^{]*\{([^}]*)\}", attributes):
        sizes = dict(re.findall(r"'(\w+)'=(\d+)", named[1]))
        parts = re.findall(r"'(\w+)'(?::\(\d+\)(\d+))?", named[2])
        return prod(int(part or sizes[name]) for name, part in parts)
    said = re.search(r"replica_groups=.{0,60}", attributes)
    raise ValueError(
        f"Cannot read the groups of devices in {said[0] if said else attributes[:60]!r}: expected "
        "{{0,1},...}, [groups,devices]<=... or mesh[...] {...}. This XLA writes them in a new way: "
        "extend ssagan_jax/distributed/compiled_collectives.py."
    )


def _bits(dtype: str) -> int:
    """Of one element: ``f32``, ``bf16``, ``f8e4m3fn``, ``pred``."""
    return 8 if dtype == "pred" else int(re.findall(r"\d+", dtype)[0])
