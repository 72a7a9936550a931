"""TGAN's step of the authors' code in plain JAX and NumPy, in double precision, beside ours.

    python -m tests.helpers.tgan_original RECIPE UPDATES

Prints as JSON, for each update, how far each loss is from theirs, how far each network's
parameters are as a share of how far theirs moved, how far the running variances are, and how many
singular values were cut. A process of its own, since in all of it float64 stands for float32.

Written from pfnet-research/tgan (train.py, updaters/tgan_updater_wgan.py) and Chainer 2: one pass,
of fake clips first; -sum(D(fake)) / clips for the generator, whose optimizer steps first;
sum(D(fake)) / clips - sum(D(real)) / clips out of the same scores; RMSProp with epsilon beside the
root; after every fifth update singular values cut at 1, and gains between 0.01 and 1 times the
running deviation. The encoder of the photo and the loss on the first frame are not theirs.
"""

import json
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
jnp.float32 = jnp.float64

from ssagan_jax.config import loading  # noqa: E402
from ssagan_jax.config.resolution import resolve  # noqa: E402
from ssagan_jax.models import tgan  # noqa: E402
from ssagan_jax.training.from_config import build_gan  # noqa: E402
from ssagan_jax.training.state import create  # noqa: E402
from ssagan_jax.training.step import STEPS  # noqa: E402

SIZE, FRAMES, CLIPS, LATENT = 32, 16, 3, 5  # two scores a clip
OPTIONS = [
    f"--config.{change}"
    for change in (
        f"batch_size={CLIPS}",
        "generator.features=2",
        f"generator.latent={LATENT}",
        "discriminator.features=2",
    )
]
RATE, DECAY, EPSILON, EVERY = 5e-5, 0.99, 1e-8, 5
FIRST_FRAME = 10.0
ROLES = ("generator", "discriminator")


# Their networks, as functions of our trees of parameters.


def norm(moments, path, x, gain, offset=0.0, *, epsilon=2e-5):
    """Batch norm in training mode; its unbiased variance, with epsilon in it, is noted."""
    axes = tuple(range(x.ndim - 1))
    mean, var = x.mean(axes), x.var(axes)
    count = x.size // x.shape[-1]
    moments[path] = (var + epsilon) * count / (count - 1)
    return (x - mean) / jnp.sqrt(var + epsilon) * gain + offset


def conv(x, kernel, *, strides, padding):
    return jax.lax.conv_general_dilated(
        x,
        kernel,
        strides,
        [(p, p) for p in padding],
        dimension_numbers=("NDHWC", "DHWIO", "NDHWC"),
    )


def conv_transpose(y, kernel, *, strides, padding):
    """The gradient of ``conv`` with respect to its input."""
    axes = zip(y.shape[1:4], kernel.shape[:3], strides, padding, strict=True)
    shape = (len(y), *((n - 1) * s + k - 2 * p for n, k, s, p in axes), kernel.shape[3])
    forwards = partial(conv, kernel=kernel, strides=strides, padding=padding)
    return jax.vjp(forwards, jnp.zeros(shape, y.dtype))[1](y)[0]


FLAT = dict(strides=(1, 2, 2), padding=(0, 1, 1))
LONG = dict(strides=(2, 1, 1), padding=(1, 0, 0))


def generate(p, photos, noise):
    """Clips [b, t, h, w, 3]."""
    seen = {}
    x = photos[:, None]
    for number in (1, 2, 3):
        block = p["encoder"][f"down{number}"]
        x = conv(x, block["Conv_0"]["kernel"], **FLAT) + block["Conv_0"].get("bias", 0.0)
        if number > 1:
            gains = block["BatchNorm_0"]
            x = norm(seen, number, x, gains["scale"], gains["bias"], epsilon=1e-5)
        x = jnp.maximum(x, 0)
    slow = x.reshape(len(x), -1) @ p["slow"]["kernel"] + noise

    t = p["temporal"]
    x = slow[:, None, None, None] @ t["up0"]["kernel"][0, 0, 0].T
    for number in range(4):
        x = x if number == 0 else conv_transpose(x, t[f"up{number}"]["kernel"], **LONG)
        x = jnp.maximum(norm(seen, number, x, t[f"norm{number}"]["scale"]), 0)
    x = conv_transpose(x, t["output"]["kernel"], **LONG) + t["output"]["bias"]
    fast = jnp.tanh(x)[:, :, 0, 0]

    i = p["image"]
    grids = []
    for name, latent in (("slow", jnp.stack([slow] * FRAMES, 1)), ("fast", fast)):
        gains = i[f"norm_{name}"]
        x = norm(seen, name, latent @ i[name]["kernel"], gains["scale"], gains["bias"])
        grids.append(jnp.maximum(x, 0).reshape(*x.shape[:2], 4, 4, -1))
    x = jnp.concatenate(grids, -1)
    for number in (1, 2, 3):
        block = i[f"up{number}"]
        x = conv_transpose(x, block["Conv_0"]["kernel"], **FLAT)
        gains = block["BatchNorm_0"]
        x = jnp.maximum(norm(seen, number, x, gains["scale"], gains["bias"]), 0)
    x = conv(x, i["output"]["kernel"][None], strides=(1, 1, 1), padding=(0, 1, 1))
    return jnp.tanh(x + i["output"]["bias"])


def judge(p, clips):
    """Scores [b, 2], and the variances of each batch norm."""
    seen, x = {}, clips
    for number in (1, 2, 3):
        layer = p[f"down{number}"]
        x = conv(x, layer["kernel"], strides=(2, 2, 2), padding=(1, 1, 1)) + layer.get("bias", 0.0)
        if number > 1:
            x = norm(seen, f"norm{number}", x, p[f"norm{number}"]["scale"])
        x = jnp.where(x > 0, x, 0.2 * x)
    return jnp.einsum("bthwc,hwc->bt", x, p["output"]["kernel"][0, ..., 0]), seen


# Their step.


@jax.jit
def one_pass(g, d, clips, noise):
    """Both losses of the same scores, each one's gradient, and variances: fake, then real."""

    def of_generator(g):
        fake = generate(g, clips[:, 0], noise)
        first = jnp.abs(fake[:, 0] - clips[:, 0]).mean()
        return -judge(d, fake)[0].sum() / CLIPS + FIRST_FRAME * first, fake

    (g_loss, fake), g_grads = jax.value_and_grad(of_generator, has_aux=True)(g)

    def of_discriminator(d):
        (on_fake, first), (on_real, second) = judge(d, fake), judge(d, clips)
        return (on_fake.sum() - on_real.sum()) / CLIPS, (first, second)

    (d_loss, seen), d_grads = jax.value_and_grad(of_discriminator, has_aux=True)(d)
    return (g_loss, d_loss), (g_grads, d_grads), seen


class Original:
    """Parameters, mean squares and running variances, which each ``step`` changes."""

    def __init__(self, generator, discriminator):
        self.params = [jax.tree.map(np.array, tree) for tree in (generator, discriminator)]
        self.squares = [jax.tree.map(np.zeros_like, tree) for tree in self.params]
        self.running = {name: 0.0 for name in ("norm2", "norm3")}
        self.updates = self.cut = 0

    def step(self, clips, noise):
        losses, grads, seen = one_pass(*self.params, clips, noise)
        for moments in seen:
            for name, var in moments.items():
                self.running[name] = 0.9 * self.running[name] + 0.1 * np.asarray(var)
        for player in (0, 1):
            self.squares[player] = jax.tree.map(
                lambda ms, g: DECAY * ms + (1 - DECAY) * np.square(g),
                self.squares[player],
                grads[player],
            )
            self.params[player] = jax.tree.map(
                lambda p, ms, g: p - RATE * np.asarray(g) / (np.sqrt(ms) + EPSILON),
                self.params[player],
                self.squares[player],
                grads[player],
            )
        self.updates += 1
        self.cut = 0
        if self.updates % EVERY == 0:
            self.clip(self.params[1])
        return dict(zip(("g/total", "d/total"), map(float, losses), strict=True))

    def clip(self, d):
        for layer in d.values():
            if "kernel" in layer:
                matrix = layer["kernel"].reshape(-1, layer["kernel"].shape[-1])
                u, s, v = np.linalg.svd(matrix, full_matrices=False)
                self.cut += int(np.sum(s > 1))
                layer["kernel"] = (u * np.minimum(s, 1) @ v).reshape(layer["kernel"].shape)
        for name, var in self.running.items():
            gains = d[name]["scale"]
            d[name]["scale"] = np.clip(gains, 0.01 * np.sqrt(var), np.sqrt(var))


# Both, side by side.


def main(recipe, updates):
    spec = f"tgan:recipe={recipe},size={SIZE},frames={FRAMES}"
    gan = build_gan(resolve(loading.load(spec, OPTIONS)))
    state = start(gan)
    theirs = Original(state.generator.params, state.discriminator.params)
    given = Given()
    tgan.local_rows = lambda *_: given.noise
    steps = [jax.jit(partial(given.run, partial(STEPS[name], gan))) for name in gan.programs]
    draw, report = np.random.default_rng(1), []
    for _ in range(updates):
        clips = draw.integers(0, 256, (CLIPS, FRAMES, SIZE, SIZE, 3)).astype(np.uint8)
        noise = draw.uniform(-1, 1, (CLIPS, LATENT))
        before, metrics = list(theirs.params), {}
        expected = theirs.step(clips / 127.5 - 1, noise)
        for step in steps:
            state, more = step(state, {"clip": jnp.asarray(clips)}, noise)
            metrics |= more
        report.append(compare(before, theirs, state, expected, metrics))
    print(json.dumps(report))


class Given:
    """The noise, which is given instead of drawn."""

    noise = None

    def run(self, step, state, batch, noise):
        self.noise = noise
        return step(state, batch)


def start(gan):
    """A fresh state in float64, but for kernels: those of the discriminator are large, so that some
    of their singular values are above 1.
    """
    state = jax.jit(partial(create, gan))(0)
    draw = np.random.default_rng(0)

    def params(net, bound):
        def value(path, leaf):
            kernel = jax.tree_util.keystr(path).endswith("['kernel']")
            return draw.uniform(-bound, bound, leaf.shape) if kernel else np.float64(leaf)

        return jax.tree_util.tree_map_with_path(value, net.params)

    def net(net, bound):
        new = params(net, bound)
        stats = jax.tree.map(np.float64, net.stats)
        return net.replace(params=new, stats=stats, opt_state=gan.optimizer.init(new))

    return state.replace(
        generator=net(state.generator, 0.01), discriminator=net(state.discriminator, 0.2)
    )


def compare(before, theirs, state, expected, metrics):
    found = {"losses": {k: abs(float(metrics[k]) - v) / abs(v) for k, v in expected.items()}}
    for role, old, new in zip(ROLES, before, theirs.params, strict=True):
        ours = getattr(state, role).params
        found[role] = distance(ours, new) / distance(new, old)
    stats = state.discriminator.stats["batch_stats"]
    running = {
        name: np.abs(stats[name]["var"] / var - 1).max() for name, var in theirs.running.items()
    }
    return {**found, "running": float(max(running.values())), "cut": theirs.cut}


def distance(one, other):
    squares = jax.tree.map(lambda a, b: float(np.sum(np.square(np.asarray(a) - b))), one, other)
    return float(np.sqrt(sum(jax.tree.leaves(squares))))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
