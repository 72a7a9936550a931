"""How much of the matrix rate of this machine the training step uses.

    python -m benchmarks.utilisation --config=configs/ssagan.py [--config.KEY=VALUE ...]

The rate is that of one square matrix product in the configuration's precision, measured in the same
run: what the best case gives, not what a data sheet says. Products of float32 have JAX's default
precision in both, or that of ``JAX_DEFAULT_MATMUL_PRECISION``. The step's arithmetic is that of its
products and convolutions (``ssagan doctor``), of the mean step of the schedule.
"""

import argparse
import platform
import statistics
import time
from collections.abc import Callable
from functools import partial

from ssagan_jax.config.resolution import resolve
from ssagan_jax.config.schema import Config
from ssagan_jax.training.from_config import build_gan


def seconds(run: Callable[[], None], repeats: int) -> float:
    """The median of ``repeats`` runs, after one that does not count."""
    run()
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def matrix_rate(size: int, dtype: str, repeats: int) -> float:
    """Operations a second of a ``size`` x ``size`` product."""
    import jax

    left, right = jax.random.normal(jax.random.key(0), (2, size, size), dtype)
    product = jax.jit(jax.numpy.matmul).lower(left, right).compile()

    def run():
        jax.block_until_ready(product(left, right))

    return 2 * size**3 / seconds(run, repeats)


def step(settings: Config, repeats: int) -> dict[str, tuple[float, float]]:
    """{role: operations and seconds of its update}, on random clips."""
    import jax
    import numpy as np

    from ssagan_jax.distributed import sharding
    from ssagan_jax.training import compilation, flops
    from ssagan_jax.training.state import create
    from ssagan_jax.training.step import STEPS

    gan, mesh = build_gan(settings), sharding.make_mesh(settings.mesh.axes)
    abstract, batch_size = jax.eval_shape(partial(create, gan), 0), settings.schedule.batch_size
    batch = compilation.abstract_batch(gan, batch_size)
    shardings = sharding.state_sharding(mesh, abstract, settings.mesh.sharding_rules)
    current = jax.jit(partial(create, gan), out_shardings=shardings)(0)
    clips = np.random.default_rng(0).integers(0, 256, batch["clip"].shape, np.uint8)
    place = sharding.batch_sharding(mesh, len(clips))
    clips = sharding.put_batch({"clip": clips}, place)
    found = {}
    steps = compilation.compile_steps(gan, mesh, abstract, shardings, batch_size=batch_size)
    for role, program in steps.items():

        def run(program=program):
            nonlocal current
            current, metrics = program(current, clips)
            jax.block_until_ready((current, metrics))

        count = flops.count(partial(STEPS[role], gan), abstract, batch)
        found[role] = count, seconds(run, repeats)
    return found


def report(settings: Config, asked: argparse.Namespace) -> str:
    """Lines of Markdown."""
    import jax

    device = jax.devices()[0]
    name = platform.processor() if device.platform == "cpu" else device.device_kind
    products = jax.config.jax_default_matmul_precision or "default"
    rate = jax.device_count() * matrix_rate(
        asked.matrix, settings.generator.precision, asked.repeats
    )
    lines = [
        f"{jax.device_count()} x {name or device.device_kind}, jax {jax.__version__}: "
        f"{rate / 1e12:.3g} TFLOP/s in products of {asked.matrix} x {asked.matrix}, "
        f"{settings.generator.precision} (precision of products: {products}).\n",
        "| update | GFLOP | ms | TFLOP/s | of the matrix rate |\n|---|---|---|---|---|",
    ]
    found = step(settings, asked.repeats)
    every = {"generator": settings.schedule.n_critic}
    mean = [sum(one[n] / every.get(role, 1) for role, one in found.items()) for n in (0, 1)]
    for role, (count, took) in {**found, "mean step": mean}.items():
        lines.append(
            f"| {role} | {count / 1e9:,.1f} | {1e3 * took:,.1f} | {count / took / 1e12:.3g} "
            f"| {100 * count / took / rate:.0f} % |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="configs/ssagan.py")
    parser.add_argument("--matrix", type=int, default=4096, help="(default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=5, help="(default: %(default)s)")
    asked, overrides = parser.parse_known_args()
    from ssagan_jax.config import loading

    print(report(resolve(loading.load(asked.config, overrides)), asked))


if __name__ == "__main__":
    main()
