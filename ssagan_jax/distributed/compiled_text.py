"""The text of a compiled program, as ``jitted.lower(...).compile().as_text()`` has it, in parts."""

import re
from collections.abc import Iterator, Mapping

Computations = Mapping[str, list[re.Match[str]]]

_HEAD = re.compile(r"(ENTRY )?%?(?P<name>[\w.\-]+) .*\{$")
_INSTRUCTION = re.compile(
    r"\s+(?:ROOT )?%?(?P<name>[\w.\-]+) = (?P<type>.*?) (?P<opcode>[a-z][\w\-]*)\((?P<rest>.*)"
)
_CALLED = re.compile(r"(?:calls|to_apply|body|condition|\w+_computations?)=(\{[^}]*\}|%?[\w.\-]+)")
_TRIPS = re.compile(r'"known_trip_count":\{"n":"(\d+)"\}')
_CONDITION = re.compile(r"condition=%?(?P<name>[\w.\-]+)")


def read_computations(program: str) -> tuple[Computations, str]:
    """{name: its instructions}, and the name of the one that the program starts with.

    Of an instruction: ``name``, ``type`` (of its result), ``opcode``, and as ``rest`` its operands
    and attributes.
    """
    found: dict[str, list[re.Match[str]]] = {}
    lines: list[re.Match[str]] = []
    entry = ""
    for line in program.splitlines():
        if line[:1].strip() and (head := _HEAD.match(line)):
            lines = found.setdefault(head["name"], [])
            entry = head["name"] if line.startswith("ENTRY ") else entry
        elif instruction := _INSTRUCTION.match(line):
            lines.append(instruction)
    return found, entry


def walk(
    computations: Computations, name: str, times: int = 1, counted: bool = True
) -> Iterator[tuple[re.Match[str], int, bool]]:
    """Every instruction of a computation and of those it calls, fused ones too.

    Each comes with how often it runs, and whether that is known: a loop that does not say how
    often it runs counts once. Of a condition, every branch is taken. What an asynchronous
    operation calls is met at its start only.
    """
    for one in computations.get(name, []):
        yield one, times, counted
        if one["opcode"] == "async-done":
            continue
        trips = _trips(computations, one) if one["opcode"] == "while" else 1
        for called in re.findall(r"[\w.\-]+", " ".join(_CALLED.findall(one["rest"]))):
            yield from walk(computations, called, times * (trips or 1), counted and bool(trips))


def _trips(computations, loop):
    """How often a loop runs, None where it is not said.

    XLA notes it, or (for TPUs) leaves a condition that compares a counter, which JAX starts at 0,
    with the one number in it.
    """
    if noted := _TRIPS.search(loop["rest"]):
        return int(noted[1])
    condition = _CONDITION.search(loop["rest"])
    lines = computations.get(condition["name"], []) if condition else []
    numbers = [
        one["rest"].partition(")")[0]
        for one in lines
        if one["opcode"] == "constant" and one["type"].startswith("s32[]")
    ]
    below = [one for one in lines if "direction=LT" in one["rest"]]
    return int(numbers[0]) if len(numbers) == len(below) == 1 else None
