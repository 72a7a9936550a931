"""A GAN small enough to check by hand, and parameters without the cost of drawing them."""

import dataclasses
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn

from ssagan_jax.losses import LossInputs
from ssagan_jax.models.layers.compute import Compute
from ssagan_jax.models.layers.norm import BatchNorm
from ssagan_jax.training.gan import Gan
from ssagan_jax.training.state import create
from ssagan_jax.training.step import STEPS
from ssagan_jax.types import Generated, Judged

SIZE, FRAMES = 12, 2  # the smallest that SSIM's window of 11 fits in


class Generator(nn.Module):
    """Each pixel of the photo, by itself, to that pixel in every frame."""

    size: int = SIZE
    frames: int = FRAMES
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, frame, *, train):
        x = nn.Dense(3 * self.frames, use_bias=False, name="dense")(frame)
        x = BatchNorm(compute=self.compute, name="norm")(x, train=train)
        x = jnp.moveaxis(x.reshape(*x.shape[:3], self.frames, 3), 3, 1)
        return Generated(clip=jnp.tanh(x))


class Discriminator(nn.Module):
    """The mean over all pixels of one hidden layer, to one score."""

    size: int = SIZE
    frames: int = FRAMES
    sigmoid: bool = False
    compute: Compute = Compute()

    @nn.compact
    def __call__(self, clip, *, train):
        x = nn.Dense(4, use_bias=False, name="dense")(clip)
        x = BatchNorm(compute=self.compute, name="norm")(x, train=train)
        x = nn.leaky_relu(x, 0.2)
        logits = nn.Dense(1, name="output")(x.mean((1, 2, 3)))
        return Judged(logits=jax.nn.sigmoid(logits) if self.sigmoid else logits, features=(x,))


# Compiles in half the time, which may run slowly: for tests of values.
quick_jit = partial(
    jax.jit,
    compiler_options={
        "xla_backend_optimization_level": 0,
        "xla_llvm_disable_expensive_passes": True,
    },
)


def make_gan(*, sgd=False, sigmoid=False, **changes) -> Gan:
    """The stub networks with the poster's losses and Adam, or what ``changes`` says."""
    gan = Gan(
        generator=Generator(),
        discriminator=Discriminator(sigmoid=sigmoid),
        generator_losses={"vanilla": 1.0, "l1": 10.0},
        discriminator_losses={"vanilla": 1.0},
        optimizer=optax.identity() if sgd else optax.scale_by_adam(b1=0.5, b2=0.9, eps=1e-8),
        learning_rate=lambda step: jnp.asarray(0.1 if sgd else 2e-4),
    )
    return dataclasses.replace(gan, **changes)


def clips(batch_size=4, *, size=SIZE, frames=FRAMES, seed=0):
    """uint8 clips of noise, the blue channel darker than the red one."""
    draw = np.random.default_rng(seed)
    noise = draw.integers(0, 200, (batch_size, frames, size, size, 3))
    return (noise + np.array([55, 20, 0])).astype(np.uint8)


def loss_inputs(real, fake, *, on_real=None, on_fake=((0.0,),), judge=None, key=0) -> LossInputs:
    """Clips and scores as the losses get them. Without ``judge`` none may be judged again."""

    def refuse(clip):
        raise AssertionError("This loss needs no further judgement.")

    return LossInputs(
        real=jnp.asarray(real),
        fake=Generated(clip=jnp.asarray(fake)),
        on_real=None if on_real is None else Judged(logits=jnp.asarray(on_real)),
        on_fake=Judged(logits=jnp.asarray(on_fake)),
        rng=jax.random.key(key),
        judge=judge or refuse,
        judge_exactly=judge or refuse,
    )


def new_state(gan, seed=0):
    """A fresh training state, as the loop makes it."""
    return quick_jit(partial(create, gan))(seed)


def drawn_state(gan, seed=0):
    """A fresh state like ``create``'s, drawn with NumPy: nothing is compiled."""
    return drawn(jax.eval_shape(partial(create, gan), 0), seed)


def train_step(gan, state, batch, *, update_generator):
    """Both updates in one function, as the loop runs them one after the other, or together."""
    metrics = {}
    for program in gan.programs[: 1 + update_generator]:
        state, more = STEPS[program](gan, state, batch)
        metrics |= more
    return state, metrics


def one_step(gan, batch_size=2):
    """A training step of both networks, by plain descent: states before and after, metrics."""
    gan = dataclasses.replace(
        gan, optimizer=optax.identity(), learning_rate=lambda step: jnp.asarray(0.1)
    )
    before = drawn_state(gan)
    clip = clips(batch_size, size=gan.generator.size, frames=gan.generator.frames)
    run = quick_jit(partial(train_step, gan, update_generator=True))
    return before, *run(before, {"clip": clip})


def variables(module, inputs, seed=0):
    """A module's variables, drawn with NumPy: nothing is compiled."""
    inputs = jax.ShapeDtypeStruct(inputs.shape, inputs.dtype)
    init = partial(module.init, jax.random.key(0), train=True)
    return drawn(jax.eval_shape(init, inputs), seed)


def drawn(tree, seed=0):
    """Values for an abstract tree of variables or states, near those that training starts from."""
    generator = np.random.default_rng(seed)
    return jax.tree_util.tree_map_with_path(partial(_draw, generator), tree)


def _draw(generator, path, leaf):
    name = jax.tree_util.keystr(path, simple=True, separator="/")
    last = name.rsplit("/")[-1]
    if "opt_state" in name or last in ("step", "rng", "gamma", "mean"):
        return np.zeros(leaf.shape, leaf.dtype)
    if last == "var":
        return np.ones(leaf.shape, leaf.dtype)
    values = generator.normal(size=leaf.shape)
    if last in ("u", "v"):
        values /= np.linalg.norm(values)
    elif last == "scale":
        values = 1 + 0.02 * values
    elif last == "kernel":
        values *= 0.02
    else:
        values *= 0.1  # biases
    return values.astype(leaf.dtype)


def leaves(tree):
    """Leaves by path: ``params/dense/kernel``."""
    pairs = jax.tree_util.tree_leaves_with_path(tree)
    return {jax.tree_util.keystr(path, simple=True, separator="/"): x for path, x in pairs}


def count(tree):
    """How many numbers a tree holds."""
    return sum(leaf.size for leaf in jax.tree.leaves(tree))


def equal(one, other):
    """Whether two trees hold the same bits under the same names."""
    one, other = leaves(one), leaves(other)
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)
