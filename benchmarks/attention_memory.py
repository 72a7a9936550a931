"""Peak memory and time of attention over a clip, forward and backward.

    python benchmarks/attention_memory.py --kind spatiotemporal --size 64 --frames 32
    python benchmarks/attention_memory.py --kind per_frame --implementation plain

Run it in a fresh process each time: the peak is that of the whole process (resident
set, as the operating system counts it), and the size before the first computation is
printed beside it. The time is that of one run after compilation. The checksum lets two
implementations be compared.
"""

import argparse
import resource
import sys
import time

import jax
import jax.numpy as jnp

from ssagan_jax.ops.attention import IMPLEMENTATIONS, LAYOUTS, attend


def main() -> None:
    options = parse()
    shape = options.batch, options.frames, options.size, options.size, options.features
    keys = jax.random.split(jax.random.key(0), 3)
    args = [jax.block_until_ready(0.1 * jax.random.normal(key, shape)) for key in keys]

    def loss(*args):
        form = {"kind": options.kind, "implementation": options.implementation}
        return (attend(*args, **form) ** 2).mean()

    function = loss if options.forward_only else jax.value_and_grad(loss, (0, 1, 2))
    program = jax.jit(function).lower(*args).compile()
    before = peak_gigabytes()
    start = time.perf_counter()
    result = jax.block_until_ready(program(*args))
    seconds = time.perf_counter() - start
    checksum = sum(float(jnp.abs(x).sum()) for x in jax.tree.leaves(result))
    print(f"{options.kind} {options.implementation} {'x'.join(map(str, shape))}", end=": ")
    print(f"{seconds:.1f} s, peak {peak_gigabytes():.2f} GB ({before:.2f} GB before)", end=", ")
    print(f"checksum {checksum:.6g}, {jax.devices()[0].device_kind}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=LAYOUTS, default="spatiotemporal")
    parser.add_argument("--implementation", choices=IMPLEMENTATIONS, default="auto")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--size", type=int, default=64, help="height and width")
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--forward-only", action="store_true")
    return parser.parse_args()


def peak_gigabytes() -> float:
    """The largest resident set of this process so far."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


if __name__ == "__main__":
    main()
