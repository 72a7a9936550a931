"""How long a TPU takes for a program, by its compiler's estimates.

The compiler notes with each operation the cycles that it expects of it, arithmetic or memory,
whichever is longer, and chooses forms by them. What chips send each other has no note, nor have
kernels of its own (small attention maps); its estimate of a whole program is wrong where there are
loops.
"""

import re

from ssagan_jax.distributed.compiled_text import read_computations, walk

_NOTE = re.compile(r'"estimated_cycles":"(\d+)"')


def estimate_cycles(program: str) -> int | None:
    """The sum over all operations, loops as often as they run; None where nothing is noted.

    Args:
      program: ``compiled.as_text()``, for a TPU. Other compilers note nothing.
    """
    instructions = walk(*read_computations(program))
    found = [
        times * int(note[1])
        for instruction, times, _ in instructions
        if (note := _NOTE.search(instruction["rest"]))
    ]
    return sum(found) if found else None
