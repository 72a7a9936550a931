"""What a fresh run takes from a trained one."""

import shutil
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn

from ssagan_jax.config.schema import WarmStartConfig
from ssagan_jax.models.layers.norm import BatchNorm
from ssagan_jax.training import warm_start
from ssagan_jax.training.full_checkpoints import Checkpoints
from ssagan_jax.training.state import create
from ssagan_jax.types import Generated
from tests.helpers.stubs import FRAMES, SIZE, drawn_state, equal, make_gan


class Part(nn.Module):
    """Parameters and statistics."""

    width: int

    @nn.compact
    def __call__(self, x, *, train):
        return BatchNorm(name="norm")(nn.Dense(self.width, name="dense")(x), train=train)


class OnePart(nn.Module):
    size: int = SIZE
    frames: int = FRAMES
    output: str = "direct"

    @nn.compact
    def __call__(self, frame, *, train):
        x = Part(3, name="first")(frame, train=train)
        return Generated(clip=jnp.repeat(x[:, None], self.frames, axis=1))


class TwoParts(nn.Module):
    size: int = SIZE
    frames: int = FRAMES
    width: int = 3
    output: str = "direct"
    frozen: tuple[str, ...] = ("first",)

    @nn.compact
    def __call__(self, frame, *, train):
        x = Part(self.width, name="first")(frame, train=False)
        x = Part(3, name="second")(x, train=train)
        return Generated(clip=jnp.repeat(x[:, None], self.frames, axis=1))


def state_of(gan, seed):
    """No two arrays alike, not even the statistics."""
    numbers = iter(range(100 * seed, 100 * seed + 100))
    return jax.tree.map(
        lambda x: jnp.asarray(x + np.asarray(next(numbers), x.dtype)), drawn_state(gan, seed)
    )


def write(workdir, *, ema_decay=0.0, output="direct"):
    """A trained run of ``OnePart``; returns its state."""
    state = state_of(make_gan(generator=OnePart(), ema_decay=ema_decay), 1)
    manager = Checkpoints(workdir)
    settings = {"generator": {"name": "one", "output": output, "levels": [1]}, "discriminator": {}}
    manager.save(5, state, data={}, config=settings)
    manager.wait()
    manager.close()
    return state


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """The workdir of a trained run, and its state."""
    workdir = tmp_path_factory.mktemp("there")
    return workdir, write(workdir)


def read(gan, *, generator="", discriminator="", untrained=False):
    asked = WarmStartConfig(str(generator), str(discriminator), untrained)
    abstract = jax.eval_shape(partial(create, gan), 0)
    return warm_start.read_warm_start(asked, gan, abstract)


def begin(gan=None, **asked):
    """A fresh state before and after."""
    gan = gan or make_gan(generator=TwoParts())
    fresh = state_of(gan, 2)
    return fresh, warm_start.apply_warm_start(fresh, read(gan, **asked))


def test_parts_of_the_same_name_are_taken_and_the_rest_stays(there, capsys):
    workdir, trained = there
    fresh, found = begin(generator=workdir)
    for tree in ("params", "stats"):
        theirs, mine, new = (getattr(s.generator, tree) for s in (trained, fresh, found))
        if tree == "stats":
            theirs, mine, new = (x["batch_stats"] for x in (theirs, mine, new))
        assert equal(new["first"], theirs["first"])
        assert not equal(new["first"], mine["first"])
        assert equal(new["second"], mine["second"])
    assert equal(found.generator.opt_state, fresh.generator.opt_state)
    assert equal(found.discriminator, fresh.discriminator)
    expected = f"generator: first from {workdir}/checkpoints/5; as initialised: second.\n"
    assert capsys.readouterr().out == expected


def test_the_discriminator_is_taken_by_itself(there, capsys):
    workdir, trained = there
    fresh, found = begin(discriminator=workdir / "checkpoints" / "5", untrained=True)
    assert equal(found.discriminator.variables, trained.discriminator.variables)
    assert equal(found.generator, fresh.generator)
    assert "discriminator: dense, norm, output from " in capsys.readouterr().out


def test_the_average_is_what_is_taken_and_what_the_new_average_starts_at(tmp_path):
    trained = write(tmp_path, ema_decay=0.9)
    assert not equal(trained.ema_params, trained.generator.params)
    gan = make_gan(generator=TwoParts(), ema_decay=0.9)
    fresh, found = begin(gan, generator=tmp_path)
    assert equal(found.generator.params["first"], trained.ema_params["first"])
    assert equal(found.ema_params["first"], trained.ema_params["first"])
    assert equal(found.ema_params["second"], fresh.ema_params["second"])
    stats = found.ema_stats["batch_stats"]
    assert equal(stats["first"], trained.ema_stats["batch_stats"]["first"])
    assert equal(stats["second"], fresh.ema_stats["batch_stats"]["second"])
    trees = (
        (found.ema_params, stats),
        (found.generator.params, found.generator.stats["batch_stats"]),
    )
    pairs = zip(*map(jax.tree.leaves, trees), strict=True)
    pointers = [[x.unsafe_buffer_pointer() for x in pair] for pair in pairs]
    assert all(one != other for one, other in pointers)  # or donating the state would fail


def test_a_checkpoint_of_a_generator_alone_will_do(there, tmp_path):
    workdir, trained = there
    for item in ("generator", "config"):
        shutil.copytree(workdir / "checkpoints" / "5" / item, tmp_path / item)
    _, found = begin(generator=tmp_path)
    assert equal(found.generator.params["first"], trained.generator.params["first"])
    message = r"config\.start_from\.discriminator: No checkpoint in .*STEP/discriminator there"
    with pytest.raises(FileNotFoundError, match=message):
        begin(generator=tmp_path, discriminator=tmp_path)


def test_a_checkpoint_of_a_discriminator_alone_will_do(there, tmp_path):
    workdir, trained = there
    for item in ("discriminator", "config"):
        shutil.copytree(workdir / "checkpoints" / "5" / item, tmp_path / item)
    _, found = begin(discriminator=tmp_path, untrained=True)
    assert equal(found.discriminator.params, trained.discriminator.params)


def test_nothing_asked_nothing_changed():
    gan = make_gan(generator=TwoParts(frozen=()))
    assert read(gan) == {}
    fresh, found = begin(gan)
    assert found is fresh


def test_a_missing_checkpoint(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"config\.start_from\.generator: No checkpoint in"):
        begin(generator=tmp_path / "nowhere")


def test_a_network_that_shares_no_part(there):
    message = r"5 has first; this run's generator has dense, norm\. Give a run of a network that"
    with pytest.raises(ValueError, match=message):
        begin(make_gan(), generator=there[0])


def test_a_part_of_another_shape(there):
    with pytest.raises(ValueError, match=r"another network than this run's:\n") as error:
        begin(make_gan(generator=TwoParts(width=4)), generator=there[0])
    lines = str(error.value).splitlines()
    assert "  shape: params/first/dense/kernel is (3, 3), expected (3, 4)" in lines
    assert "  shape: stats/batch_stats/first/norm/mean is (3,), expected (4,)" in lines
    assert lines[-1].startswith("Use the size, frames, features and norms")


@pytest.mark.parametrize("asked", [{}, {"discriminator": "there"}])
def test_frozen_parts_that_nobody_trained_are_refused(there, asked):
    asked = {role: there[0] for role in asked}
    message = r"keeps first as it is, .*Train it first .*--config\.start_from\.generator=WORKDIR"
    with pytest.raises(ValueError, match=message):
        begin(**asked)
    fresh, found = begin(**asked, untrained=True)
    assert equal(found.generator, fresh.generator)


def test_options_that_shapes_do_not_tell_are_named_where_they_differ(tmp_path, capsys):
    write(tmp_path, output="residual")
    begin(generator=tmp_path)
    printed = capsys.readouterr().out
    assert "generator: note what differs from that run: output was 'residual', is 'direct'." in (
        printed
    )
