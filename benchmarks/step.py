"""The training step and its parts, against the authors' step in PyTorch.

    python -m benchmarks.step --size=128 --frames=32 --features=32 --batch=1
    python -m benchmarks.step --size=64 --frames=16 --features=16 --batch=4

An iteration is five discriminator updates (``--recipe=poster``: one), on as many batches, and one
generator update on the last. The peer has the recipe ``author`` only. Ours runs what the training
loop runs: its compiled steps, with the state donated and batches put on the device before. Forward
passes keep nothing for gradients.
"""

import argparse
from functools import partial

import numpy as np

from benchmarks import precision
from benchmarks.side_by_side import Contender, main, options
from ssagan_jax.config.resolution import resolve
from ssagan_jax.training.from_config import build_gan

CASES = (
    "generator, evaluation",
    "generator, training mode",
    "discriminator update",
    "generator update",
    "iteration",
)
UPDATES = {"author": 5, "poster": 1}  # of the discriminator, in an iteration
OURS = ("jax", "ssagan_jax.config.loading", "ssagan_jax.training.loop")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=128, help="height and width")
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--features", type=int, default=32, help="of both networks' first level")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--recipe", choices=UPDATES, default="author")
    text = "against the peer with a generator of torch.compile, too"
    parser.add_argument("--compile", action="store_true", help=text)
    parser.add_argument("--config", action="append", default=[], help="KEY=VALUE of ours")
    return options(parser)


def batches(asked: argparse.Namespace) -> np.ndarray:
    """uint8 clips [updates, batch, frames, size, size, 3]."""
    shape = (UPDATES[asked.recipe], asked.batch, asked.frames, asked.size, asked.size, 3)
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def peer(asked: argparse.Namespace, case: str, compiled: bool):
    return precision.of_torch(asked.precision, asked.device, partial(_peer, asked, case, compiled))


def _peer(asked, case, compiled):
    import torch

    from benchmarks import torch_peer

    shape = dict(size=asked.size, frames=asked.frames, features=asked.features)
    clips = torch.from_numpy(batches(asked).astype(np.float32) / 127.5 - 1)
    clips = [clip.movedim(-1, 1).contiguous().to(asked.device) for clip in clips]
    if case.startswith("generator, "):
        generator = torch_peer.generator(**shape).train(case.endswith("training mode"))
        generator.to(asked.device)
        if compiled:
            generator.compile()
        return torch.no_grad()(partial(generator, clips[0][:, :, 0]))
    author = torch_peer.Author.of(**shape, device=asked.device)
    if compiled:
        author.generator.compile()
    if case == "discriminator update":
        return partial(author.update_discriminator, clips[0])
    if case == "generator update":
        return partial(author.update_generator, clips[0])

    def iteration():
        for number, clip in enumerate(clips, 1):
            author.step(clip, update_generator=number == len(clips))

    return iteration


def ours(asked: argparse.Namespace, case: str):
    import jax

    from ssagan_jax.config import loading
    from ssagan_jax.distributed import sharding
    from ssagan_jax.ops.image import to_float
    from ssagan_jax.training import compilation, state

    precision.of_jax(asked.precision, asked.device)
    activations = "bfloat16" if asked.precision == "bfloat16" else "float32"
    overrides = [f"batch_size={asked.batch}", f"precision={activations}", *asked.config]
    overrides += [f"{role}.features={asked.features}" for role in ("generator", "discriminator")]
    spec = f"ssagan:recipe={asked.recipe},size={asked.size},frames={asked.frames}"
    resolved = resolve(loading.load(spec, [f"--config.{key}" for key in overrides]))
    gan, mesh = build_gan(resolved), sharding.make_mesh(resolved.mesh.axes)
    on_batch = sharding.batch_sharding(mesh, asked.batch)
    given = [{"clip": clip} for clip in batches(asked)]
    if gan.takes_wind:
        given = [{**batch, "wind": np.full((asked.batch, 2), 0.01, np.float32)} for batch in given]
    given = [sharding.put_batch(batch, on_batch) for batch in given]
    if case.startswith("generator, "):
        frame = to_float(given[0]["clip"])[:, 0]
        return forward(gan.generator, frame, train=case.endswith("training mode"))
    abstract = jax.eval_shape(partial(state.create, gan), 0)
    shardings = sharding.state_sharding(mesh, abstract, resolved.mesh.sharding_rules)
    current = jax.jit(partial(state.create, gan), out_shardings=shardings)(0)
    steps = compilation.compile_steps(gan, mesh, abstract, shardings, batch_size=asked.batch)
    work = [("discriminator", batch) for batch in given] + [("generator", given[-1])]
    if case != "iteration":
        work = [one for one in work if one[0] == case.split()[0]][:1]

    def run():
        nonlocal current
        for role, batch in work:
            current, metrics = steps[role](current, batch)
        jax.block_until_ready((current, metrics))

    return run


def forward(module, frame, *, train: bool):
    """Runs the module on the frame; in training mode it also returns its new statistics."""
    import jax

    from ssagan_jax.models.variables import initialise

    params, stats = jax.jit(partial(initialise, module))(jax.random.key(0, impl="rbg"), frame)
    variables = {"params": params, **stats}
    apply = partial(module.apply, train=train, mutable=list(stats) if train else False)
    program = jax.jit(apply).lower(variables, frame).compile()
    return lambda: jax.block_until_ready(program(variables, frame))


def contenders(asked: argparse.Namespace, case: str) -> dict[str, Contender | str]:
    """Who is measured in a case."""
    peers = {"peer": False, **({"peer, compiled": True} if asked.compile else {})}
    found = dict.fromkeys(peers, f"the authors' code has no recipe {asked.recipe}")
    if asked.recipe == "author":
        needs = ("benchmarks.torch_peer",)
        found = {name: Contender(peer, needs, (asked, case, c)) for name, c in peers.items()}
    return {**found, "ours": Contender(ours, OURS, (asked, case), compiles=True)}


if __name__ == "__main__":
    asked = parse()
    main({case: contenders(asked, case) for case in CASES}, asked)
