"""Our step on the clips and weights of the authors' solver, in double precision, beside theirs.

    python -m tests.helpers.solver FILE.npz ITERATIONS

Prints as JSON, for each iteration, how far each loss is from theirs, and how far the parameters are
as a share of how far theirs moved. A process of its own, since in all of it float64 stands for
float32.
"""

import json
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import flax
import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
jnp.float32 = jnp.float64

from ssagan_jax.checkpoints.torch import fields, layout, loading, names  # noqa: E402
from ssagan_jax.config import loading as configs  # noqa: E402
from ssagan_jax.config.resolution import resolve  # noqa: E402
from ssagan_jax.losses import penalties  # noqa: E402
from ssagan_jax.models.variables import split_frozen  # noqa: E402
from ssagan_jax.training.from_config import build_gan  # noqa: E402
from ssagan_jax.training.state import GanState, NetState  # noqa: E402
from ssagan_jax.training.step import STEPS  # noqa: E402

CONFIGS = {
    "ssagan_stage1": "ssagan:recipe=author",
    "mdgan_stage1": "mdgan:stage=1,recipe=author",
    "mdgan_stage2": "mdgan:stage=2,recipe=author",
}
LETTERS = {"generator": "G", "discriminator": "D"}
LOSSES = {"d/gradient_penalty": "D/gp", "g/total": "G/loss", "g/l1": "G/L1"}


def main(path: str, iterations: int) -> None:
    with np.load(path) as file:
        found = dict(file)
    networks, gan, state = build(Path(path).stem, found)
    mixing = Mixing()
    penalties.local_rows = lambda *_: mixing.alpha
    steps = {role: jax.jit(partial(mixing.run, partial(STEPS[role], gan))) for role in STEPS}
    report = []
    for number in range(iterations):
        batch = {"clip": jnp.asarray(found["clips"][number])}
        alpha = jnp.asarray(found["alphas"][number], jnp.float64)
        state, metrics = steps["discriminator"](state, batch, alpha)
        if f"{number}/loss/G/loss" in found:
            state, more = steps["generator"](state, batch, alpha)
            metrics |= more
        report.append(
            {"losses": compare_losses(metrics, found, number)}
            | {
                role: movement(found, number, letter, networks[role], getattr(state, role))
                for role, letter in LETTERS.items()
                if role == "discriminator" or "g/total" in metrics
            }
        )
    print(json.dumps(report))


class Mixing:
    """The gradient penalty's mixing weights, which are given instead of drawn."""

    alpha = None

    def run(self, step, state, batch, alpha):
        self.alpha = alpha
        return step(state, batch)


def build(name, found):
    """The networks as found, and the training at its start."""
    model, stage = name.partition("_")[0], int(name[-1])
    gan = build_gan(resolve(configs.load(f"{CONFIGS[name]},size=128,frames=32")))
    states = {role: arrays(found, f"start/{letter}/") for role, letter in LETTERS.items()}
    shapes = {role: {k: a.shape for k, a in state.items()} for role, state in states.items()}
    networks = {
        "generator": fields.detect_generator(shapes["generator"], model=model, stage=stage),
        "discriminator": fields.detect_discriminator(shapes["discriminator"]),
    }
    variables = {role: convert(states[role], networks[role], role) for role in LETTERS}
    modules = {role: loading.make_module(networks[role], role) for role in LETTERS}
    if stage == 2:
        base = arrays(found, "start/base/")
        first = fields.detect_generator({k: a.shape for k, a in base.items()}, model=model, stage=1)
        before = convert(base, first, "generator")
        variables["generator"] = {
            collection: {"stage1": before[collection]["stage1"], "stage2": tree}
            for collection, tree in variables["generator"].items()
        }
        modules["generator"] = loading.make_module(first, "generator").clone(stage=2)
    gan = replace(gan, **modules)
    nets = (net_state(gan, modules[role], variables[role]) for role in LETTERS)
    key = jax.random.key_data(jax.random.key(0))
    return networks, gan, GanState(jnp.zeros((), jnp.int32), *nets, None, key)


def arrays(found, start):
    """Their arrays below a key, by the names of a state dict."""
    return {
        key.removeprefix(start).removeprefix("module."): array
        for key, array in found.items()
        if key.startswith(start)
    }


def convert(state, network, role):
    wanted = loading.expected_shapes(loading.make_module(network, role), role)
    return loading.convert_arrays(state, network, wanted)


def net_state(gan, module, variables):
    tree = jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), variables)
    params = tree.pop("params")
    return NetState(params, tree, gan.optimizer.init(split_frozen(module, params)[0]))


def compare_losses(metrics, found, number):
    """Relative differences.

    In Stage II their discriminator's sum has a random term without gradient, and the penalty is
    noted with its weight.
    """
    theirs = {ours: float(found.get(f"{number}/loss/{name}", 0)) for ours, name in LOSSES.items()}
    random = found.get(f"{number}/loss/D/triplet")
    theirs["d/total"] = float(found[f"{number}/loss/D/loss"] - (random or 0))
    theirs["d/gradient_penalty"] /= 1 if random is None else 10
    return {
        name: abs(float(metrics[name]) - value) / abs(value)
        for name, value in theirs.items()
        if name in metrics
    }


def movement(found, number, letter, network, net):
    """Parameters of all kept entries together."""
    start, theirs = (arrays(found, f"{when}/{letter}/") for when in ("start", number))
    tree = flax.traverse_util.flatten_dict(net.params, sep="/")
    errors = moves = 0.0
    for name, kept in theirs.items():
        place = network.table.get(name)
        if place is None or not place.path.startswith("params/"):
            continue
        path = place.path.removeprefix("params/")
        ours = tree.get(path, tree.get(f"stage2/{path}"))
        every = max(1, start[name].size // 512)
        before = start[name].ravel()[::every][: kept.size]
        after = in_their_order(ours, start[name].shape, place.kind)[::every][: kept.size]
        errors, moves = errors + np.sum((after - kept) ** 2), moves + np.sum((kept - before) ** 2)
    return float(np.sqrt(errors / moves))


def in_their_order(ours, shape, kind):
    """Our array as theirs, flattened: each of their indices is sent where ``to_ours`` sends it."""
    assert kind != names.REST
    sent = layout.to_ours(np.arange(np.prod(shape)).reshape(shape), kind)
    flat = np.empty(np.prod(shape, dtype=int))
    flat[np.ravel(sent)] = np.ravel(ours)
    return flat


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
