"""The step's programs, and that making them leaves nothing but them."""

import ctypes
import gc
from functools import partial
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.core import Jaxpr

from ssagan_jax.distributed import sharding
from ssagan_jax.training import compilation
from ssagan_jax.training.state import GanState, NetState
from tests.helpers.stubs import FRAMES, SIZE, make_gan

NET = NetState((), (), ())
SHAPE, PARTS = (128, 128), 16
CLIPS = np.ones((2, FRAMES, SIZE, SIZE, 3), np.uint8)


def state_of(step) -> GanState:
    """A state with nothing in it but a "step", which is an array of ``SHAPE``."""
    return GanState(step, NET, NET, (), ())


ABSTRACT = state_of(jax.ShapeDtypeStruct(SHAPE, jnp.float32))


def update(traced, role, gan, state, batch):
    """Parts that do not need each other, so that all could be computed at once."""
    traced.append(role)
    x = state.step
    parts = [jnp.sort(jnp.sort(jnp.sin(x + number)), axis=0) for number in range(PARTS)]
    total = sum(jnp.sum(part[::2]) for part in parts)
    return state.replace(step=x + total), {role: total + jnp.sum(batch["clip"])}


@pytest.fixture
def traced(monkeypatch):
    """The roles whose ``update`` has been traced."""
    found = []
    roles = ("discriminator", "generator")
    monkeypatch.setattr(
        compilation, "STEPS", {role: partial(update, found, role) for role in roles}
    )
    return found


def compile_steps():
    mesh = sharding.make_mesh([("data", -1)])
    shardings = jax.tree.map(lambda _: sharding.replicated(mesh), ABSTRACT)
    return compilation.compile_steps(make_gan(), mesh, ABSTRACT, shardings, batch_size=2)


def traces():
    """The traced programs in memory that may be those of ``update``."""
    found = (x for x in gc.get_objects() if type(x) is Jaxpr)  # asks no object anything
    return [x for x in found if sum(e.primitive.name == "sin" for e in x.eqns) == PARTS]


def test_the_programs_run_though_nothing_of_their_traces_is_left(traced):
    steps = compile_steps()
    assert traced == ["discriminator", "generator"] and not traces()
    state, batch = state_of(jnp.zeros(SHAPE)), {"clip": jnp.asarray(CLIPS)}
    for role in ("discriminator", "generator", "discriminator"):
        state, metrics = steps[role](state, batch)
        assert metrics[role].shape == () and np.isfinite(metrics[role])
    assert len(traced) == 2  # none was traced again


def test_what_was_traced_before_is_forgotten(traced):
    before = []
    function = jax.jit(lambda x: before.append(x.shape) or x + 1)
    assert function(1.0) == function(1.0) == 2 and len(before) == 1
    compile_steps()
    assert function(1.0) == 2 and len(before) == 2


def test_on_a_cpu_a_program_holds_as_little_at_once_as_it_can(traced):
    step = jax.jit(partial(update, [], "generator", None))
    other = step.lower(ABSTRACT, {"clip": CLIPS}).compile()
    needed, usual = (
        program.memory_analysis().temp_size_in_bytes
        for program in (compile_steps()["generator"], other)
    )
    assert needed < 0.5 * usual


def test_freed_memory_goes_back_to_the_system_after_each_program(traced, monkeypatch):
    given_back = []
    library = SimpleNamespace(malloc_trim=lambda keep: given_back.append((len(traced), keep)))
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    compile_steps()
    assert given_back == [(1, 0), (2, 0)]


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_a_c_library_without_that_call_will_do(traced, monkeypatch, error):
    def refuse(name):
        raise error(name)

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    assert compile_steps().keys() == {"discriminator", "generator"}
