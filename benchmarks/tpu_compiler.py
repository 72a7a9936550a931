"""What the TPU's own compiler says of the training step, without a TPU.

    pip install 'jax[tpu]'
    python -m benchmarks.tpu_compiler --config=ssagan --topology=v5e:4x4

Of each config and slice: time to compile, memory a chip, arithmetic, bytes read and written (the
body of a loop once), and how many cycles of a chip the compiler expects of an update (see
``training/cycles.py``). ``--json=FILE`` keeps every number; what is there is not compiled again.
"""

import argparse
import itertools
import json
import time
from pathlib import Path
from typing import Any

from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.distributed import topologies
from ssagan_jax.training import doctor

GIB, GIGA = 2**30, 1e9
HEADER = (
    "| config | slice | compile s | GiB a chip | update | GFLOP, all chips | GB accessed a chip "
    "| million cycles |\n|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--config", action="append", required=True, metavar="NAME[:arguments]")
    parser.add_argument("--topology", action="append", required=True, metavar="v5e:4x4")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked, overrides = parser.parse_known_args()
    known = json.loads(asked.json.read_text()) if asked.json and asked.json.exists() else {}
    print(HEADER, flush=True)
    for spec, slice_name in itertools.product(asked.config, asked.topology):
        key = " ".join([spec, slice_name, *overrides])
        if key not in known:
            known[key] = compile_for(spec, slice_name, overrides)
            if asked.json:
                asked.json.write_text(json.dumps(known, indent=1))
        for line in lines(spec, slice_name, known[key]):
            print(line, flush=True)


def compile_for(spec: str, slice_name: str, overrides: list[str]) -> dict[str, Any]:
    """What ``doctor.examine`` finds, and how long it took."""
    config = resolve(loading.load(spec, overrides))
    started = time.perf_counter()
    found = doctor.examine(config, topologies.devices(slice_name))
    return {"seconds": time.perf_counter() - started, **found}


def lines(spec: str, slice_name: str, found: dict[str, Any]) -> list[str]:
    """The table's lines: one an update, the first with what both share."""
    peak = max(program["peak"] for program in found["programs"].values())
    shared = f"| `{spec}` | {slice_name} | {found['seconds']:.0f} | {peak / GIB:.2f} "
    rows = []
    for role, program in found["programs"].items():
        rows.append(
            f"{shared}| {role} | {program['flops'] / GIGA:,.0f} "
            f"| {program['accessed'] / GIGA:.1f} "
            f"| {program['cycles'] / 1e6:.1f} |"
        )
        shared = "| | | | "
    return rows


if __name__ == "__main__":
    main()
