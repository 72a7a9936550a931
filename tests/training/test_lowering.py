"""What a GPU or a TPU would compile, without either: programs are lowered for them."""

import re
from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import pytest
from jax.sharding import AbstractMesh, AxisType, NamedSharding, PartitionSpec

from ssagan_jax.config import loading
from ssagan_jax.config.resolution import resolve
from ssagan_jax.evaluation.clip_scores import score_batch
from ssagan_jax.training.compilation import abstract_batch
from ssagan_jax.training.from_config import build_gan
from ssagan_jax.training.state import create
from ssagan_jax.training.step import STEPS

# One program for both kinds of GPU, one for TPUs.
TARGETS = {"gpu": ("cuda", "rocm"), "tpu": ("tpu",)}
FULL_SIZE = ("ssagan", "ssagan:recipe=author", "wind")
TOGETHER = ("tgan:recipe=original,tiny",)
EIGENVALUES = {"cusolver_syevd_ffi", "hipsolver_syevd_ffi", "Eigh"}
# Attention on one level of either side, which more levels only repeat.
SMALL = ("ssagan:tiny", "--config.generator.attention_at=('encoder2','decoder2')")
PLAYERS = ("discriminator", "generator")
MESH = AbstractMesh((2,), ("data",), axis_types=(AxisType.Auto,))


def load(spec, *overrides):
    return resolve(loading.load(spec, overrides))


def lower(config, role, target, *, mesh=None):
    """The text of a role's update, and the batch it takes."""
    gan = build_gan(config)
    gan = replace(gan, mesh=mesh).with_compute(platform=target)
    gan = gan.with_compute(axis_names=gan.axis_names)
    abstract = jax.eval_shape(partial(create, build_gan(config)), config.seed)
    batch = abstract_batch(gan, config.schedule.batch_size)
    placed = {}
    if mesh:
        whole, split = (NamedSharding(mesh, PartitionSpec(*axes)) for axes in ((), ("data",)))
        placed["in_shardings"] = (whole, dict.fromkeys(batch, split))
        placed["out_shardings"] = whole
    step = jax.jit(partial(STEPS[role], gan), donate_argnums=0, **placed)
    lowered = step.trace(abstract, batch).lower(lowering_platforms=TARGETS[target])
    return lowered.as_text(), batch


def custom_calls(text):
    return set(re.findall(r"stablehlo\.custom_call @([\w.$]+)", text))


def kept_arguments(text):
    """Types of the program's arguments that it does not update in place."""
    signature = text[text.index("func.func public @main(") :].partition(") -> (")[0]
    arguments = re.findall(r"%arg\d+: tensor<([^>]*)>([^%]*)", signature)
    told = "aliasing_output|buffer_donor|_platform_index"
    return [kind for kind, about in arguments if not re.search(told, about)]


def check(config, role, target):
    text, batch = lower(config, role, target)
    # Nothing that only one platform has, but TGAN's eigenvalues, which each has its own way.
    assert custom_calls(text) <= (EIGENVALUES if config.discriminator.name == "tgan" else set())
    shapes = {"x".join(map(str, array.shape)) for array in batch.values()}
    kept = kept_arguments(text)
    assert {kind.rpartition("x")[0] for kind in kept} <= shapes  # the whole state is donated
    assert len(kept) <= len(batch)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("role", PLAYERS)
def test_a_step_is_lowered(role, target):
    check(load(*SMALL), role, target)


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "spec", [*(f"{name}:tiny" for name in loading.list_names()), *FULL_SIZE, *TOGETHER]
)
def test_every_step_is_lowered(spec, target):
    config = load(spec)
    for role in build_gan(config).programs:
        check(config, role, target)


@pytest.mark.parametrize("target", TARGETS)
def test_scores_and_clips_are_lowered(target):
    clips = jax.ShapeDtypeStruct((2, 3, 4, 16, 16, 3), jnp.uint8)
    real = jax.ShapeDtypeStruct((2, 4, 16, 16, 3), jnp.uint8)
    scores = score_batch.trace(clips, real).lower(lowering_platforms=TARGETS[target])
    assert not custom_calls(scores.as_text())
    config = load(*SMALL)
    network = build_gan(config).with_compute(platform=target).generator
    photos = jax.ShapeDtypeStruct((2, network.size, network.size, 3), jnp.float32)
    initial = partial(network.init, jax.random.key(0), train=False)
    variables = jax.eval_shape(initial, photos)
    animate = jax.jit(partial(network.apply, train=False))
    assert not custom_calls(
        animate.trace(variables, photos).lower(lowering_platforms=TARGETS[target]).as_text()
    )


@pytest.mark.parametrize("role", PLAYERS)
def test_16_bit_convolutions_have_16_bit_factors(role):
    config = load("ssagan:tiny", "--config.precision=bfloat16")
    text, _ = lower(config, role, "tpu")
    kinds = r"stablehlo\.convolution.*: \(tensor<\S*x(\d+)x(\w+)>, tensor<\S*x(\d+)x(\w+)>\)"
    found = re.findall(kinds, text)
    short = [pair for pair in found if (pair[1], pair[3]) == ("bf16", "bf16")]
    assert len(short) > 20
    # In float32: the discriminator's last one, which has a single feature, and its gradients.
    assert all("f32" == a == b and "1" in (m, n) for m, a, n, b in set(found) - set(short))
    # A product with one float32 factor would be one of two.
    kinds = r"stablehlo\.dot_general.*: \(tensor<(?:\S*x)?(\w+)>, tensor<(?:\S*x)?(\w+)>\)"
    assert set(re.findall(kinds, text)) <= {("bf16", "bf16"), ("f32", "f32")}


@pytest.mark.parametrize("role", PLAYERS)
def test_gradients_are_averaged_together(role):
    """All-reduces of gradients and metrics stand at the end, without any other between them."""
    text, _ = lower(load(*SMALL), role, "gpu", mesh=MESH)
    shapes = re.findall(r'"stablehlo\.all_reduce".*?\}\) : \(tensor<([^>]*)>\)', text, flags=re.S)
    kernels = [number for number, shape in enumerate(shapes) if shape.count("x") >= 5]
    gan = build_gan(load(*SMALL))
    state = getattr(jax.eval_shape(partial(create, gan), 0), role)
    gradients = len(jax.tree.leaves(state.params))
    assert kernels[0] >= len(shapes) - gradients - 10  # ten metrics at most
