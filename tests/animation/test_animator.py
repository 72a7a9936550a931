"""From photos to clips, with a generator that brightens the photo as time goes on."""

import os
import subprocess
import sys

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ssagan_jax.animation import animator
from ssagan_jax.animation.animator import load_animator
from ssagan_jax.checkpoints import bundled, networks
from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.models import from_config
from ssagan_jax.types import Generated

SIZE, FRAMES = 32, 8
NETWORK = NetworkConfig("stub", {}, SIZE, FRAMES)


class Brighten(nn.Module):
    """Adds 0.05 per frame, some noise, and, in training, the batch's mean."""

    noise: float = 0.0
    size: int = SIZE
    frames: int = FRAMES

    draws_noise = True

    @nn.compact
    def __call__(self, frame, *, train):
        gain = self.param("gain", nn.initializers.ones, ())
        mean = self.variable("batch_stats", "mean", jnp.zeros, ())
        shift = jnp.mean(frame) if train else mean.value
        if train:
            mean.value = shift
        time = 0.05 * gain * jnp.arange(FRAMES, dtype=jnp.float32)[:, None, None, None]
        noise = self.noise * jax.random.normal(self.make_rng("noise"), ())
        return Generated(clip=frame[:, None] + time + shift + noise)


@pytest.fixture
def model(monkeypatch):
    """Puts ``Brighten`` where networks are read; a function that sets its noise."""
    modules = [Brighten()]
    keys = {"params": jax.random.key(0), "noise": jax.random.key(0)}
    variables = Brighten().init(keys, jnp.zeros((1, SIZE, SIZE, 3)), train=False)
    monkeypatch.setattr(networks, "load_generator", lambda path: (NETWORK, variables, {}))
    monkeypatch.setattr(from_config, "generator", lambda network: modules[-1])
    return lambda noise: modules.append(Brighten(noise=noise))


def sky(height=48, width=64, level=100):
    photo = np.full((height, width, 3), level, np.uint8)
    photo[: height // 2, :, 2] += 60
    return photo


def test_animator_animates_and_quantises(model):
    animate = load_animator("run")
    photos = np.stack([sky(SIZE, SIZE), sky(SIZE, SIZE, 190)])
    clips = animate(photos)
    assert (animate.size, animate.frames) == (SIZE, FRAMES)
    assert clips.shape == (2, FRAMES, SIZE, SIZE, 3) and clips.dtype == np.uint8
    np.testing.assert_array_equal(clips[:, 0], photos)
    brighter = photos + 0.05 * 127.5 * np.arange(FRAMES)[:, None, None, None, None]
    expected = np.clip(np.round(brighter), 0, 255).swapaxes(0, 1)
    np.testing.assert_allclose(clips.astype(int), expected, atol=1)
    assert clips.max() == 255  # 250 and more: clipped, not wrapped round


def test_animator_with_batch_statistics(model):
    photos = np.full((2, SIZE, SIZE, 3), 153, np.uint8)  # mean 0.2
    animate = load_animator("run", statistics="batch")
    for _ in range(2):  # the second time too: the update is dropped
        np.testing.assert_allclose(animate(photos)[:, 0], 1.4 * 127.5, atol=0.6)
    assert (load_animator("run", statistics="running")(photos)[:, 0] == 153).all()
    with pytest.raises(ValueError, match=r'Unknown statistics "both"\. Known: running, batch'):
        load_animator("run", statistics="both")


def test_seed_decides_the_noise(model):
    model(noise=0.3)
    animate, photos = load_animator("run"), sky(SIZE, SIZE)[None]
    np.testing.assert_array_equal(animate(photos, seed=1), animate(photos, seed=1))
    assert (animate(photos, seed=1) != animate(photos, seed=2)).any()


def test_a_clip_is_decided_by_its_photo_and_the_seed_alone(model):
    model(noise=0.3)
    animate = load_animator("run")
    photos = np.stack([sky(SIZE, SIZE, level) for level in (90, 100, 110)])
    clips = animate(photos, seed=5)
    shifts = (clips[:, 0].astype(float) - photos).mean((1, 2, 3))
    assert len(set(shifts.round())) == 3  # noise of its own for each
    np.testing.assert_array_equal(animate(photos[[2, 0]], seed=5), clips[[2, 0]])
    np.testing.assert_array_equal(animate(photos[1:2], seed=5), clips[1:2])


def test_noise_with_batch_statistics(model):
    model(noise=0.3)
    animate = load_animator("run", statistics="batch")
    photos = np.stack([sky(SIZE, SIZE, level) for level in (20, 30, 40)])
    clips = animate(photos, seed=5)
    np.testing.assert_array_equal(animate(photos, seed=5), clips)
    assert (animate(photos, seed=6) != clips).any()
    others = animate(photos[[1, 2, 0]], seed=5)  # another first photo, another draw
    assert (others != clips[[1, 2, 0]]).any()


def test_a_model_is_compiled_once_for_all_its_animators(model):
    model(noise=0.125)  # a module that no other test has compiled
    for _ in range(3):
        load_animator("run")(sky(SIZE, SIZE)[None])
    assert animator._program(Brighten(noise=0.125), train=False)._cache_size() == 1


def test_animator_copies_nothing_implicitly(model):
    animate = load_animator("run")
    with jax.transfer_guard("disallow"):
        animate(sky(SIZE, SIZE)[None], seed=3)


SEVERAL_DEVICES = """
import flax.linen as nn, jax, numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from ssagan_jax.animation.animator import build_animator
from ssagan_jax.config.schema import NetworkConfig
from ssagan_jax.models import from_config
from ssagan_jax.types import Generated

class Scale(nn.Module):
    size = frames = 8
    @nn.compact
    def __call__(self, frame, *, train):
        scale = self.param("scale", nn.initializers.ones, ())
        return Generated(clip=scale * frame[:, None].repeat(8, 1))

from_config.generator = lambda network: Scale()
mesh = Mesh(np.array(jax.devices()), ("data",))
everywhere = NamedSharding(mesh, PartitionSpec())
variables = jax.device_put({"params": {"scale": np.float32(1)}}, everywhere)
with jax.transfer_guard("disallow"):
    animate = build_animator(NetworkConfig("stub", {}, 8, 8), variables)
    print(jax.device_count(), animate(np.full((3, 8, 8, 3), 7, np.uint8)).mean())
"""


def test_animator_takes_variables_from_several_devices():
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", SEVERAL_DEVICES]
    done = subprocess.run(command, env=os.environ | flags, capture_output=True, text=True)
    assert done.stdout.split() == ["4", "7.0"], done.stderr


def test_animator_refuses_other_photos(model):
    animate = load_animator("run")
    with pytest.raises(ValueError, match=r"uint8 photos \[B, 32, 32, 3\], got uint8 \[1, 48, 64"):
        animate(sky()[None])
    with pytest.raises(ValueError, match="got float32"):
        animate(sky(SIZE, SIZE)[None].astype(np.float32))


def test_without_a_path_the_bundled_model_is_loaded(model, monkeypatch):
    def no_other(path):
        raise AssertionError(f"{path} was loaded")

    loaded = networks.load_generator("run")
    monkeypatch.setattr(bundled, "load_bundled", lambda: loaded)
    monkeypatch.setattr(networks, "load_generator", no_other)
    assert load_animator().size == SIZE


class Windy(nn.Module):
    """Brightens the photo by the wind to the right, which is 0.1 if none is given, or drawn."""

    size: int = SIZE
    frames: int = FRAMES
    output: str = "warp"

    takes_wind = True

    @nn.compact
    def __call__(self, frame, *, train, wind=None):
        if wind is None and self.has_rng("noise"):
            wind = 0.2 * jax.random.uniform(self.make_rng("noise"), (len(frame), 2))
        wind = jnp.full((len(frame), 2), 0.1) if wind is None else wind
        clip = jnp.repeat(frame[:, None], FRAMES, axis=1) + wind[:, 0, None, None, None, None]
        extras = {
            "velocity": jnp.broadcast_to(wind[:, None, None], (len(frame), SIZE, SIZE, 2)),
            "mask": jnp.ones((len(frame), SIZE, SIZE, 1)),
            "change": clip - frame[:, None],
            "wind": wind,
            "prior": jnp.broadcast_to(jnp.array([0.0, 0.1, 0.0, -2, -2]), (len(frame), 1, 5)),
        }
        return Generated(clip=clip, extras=extras)


@pytest.fixture
def windy(monkeypatch):
    monkeypatch.setattr(networks, "load_generator", lambda path: (NETWORK, {}, {}))
    monkeypatch.setattr(from_config, "generator", lambda network: Windy())
    return load_animator("run")


def test_a_wind_is_the_likely_one_a_given_one_or_drawn(windy):
    photos = np.stack([sky(SIZE, SIZE), sky(SIZE, SIZE, 110)])
    assert windy.takes_wind and not windy.draws_noise
    given = np.array([[0.3, 0.0], [-0.2, 0.0]], np.float32)
    np.testing.assert_array_equal(windy.fields(photos, wind=given).wind, given)
    np.testing.assert_allclose(windy.fields(photos).wind, 0.1)
    np.testing.assert_allclose(windy.prior(photos)[:, 0, 1], 0.1)
    drawn = windy.fields(photos, seed=1).wind
    assert drawn[0, 0] != drawn[1, 0] and (windy.fields(photos, seed=2).wind != drawn).all()
    np.testing.assert_array_equal(windy.fields(photos[1:], seed=1).wind, drawn[1:])
    brighter = photos[:, None] + 127.5 * given[:, 0, None, None, None, None]
    np.testing.assert_allclose(windy(photos, wind=given), np.repeat(brighter, FRAMES, 1), atol=0.6)


class Masked(nn.Module):
    """Brightens the photo where it may move, by the tenth of a wind of its noise."""

    size: int = SIZE
    frames: int = FRAMES
    takes_mask = True

    @nn.compact
    def __call__(self, frame, *, train, mask=None):
        mask = jnp.ones(frame.shape[:3]) if mask is None else mask
        if self.has_rng("noise"):
            mask = mask * jax.random.uniform(self.make_rng("noise"))
        return Generated(clip=jnp.repeat((frame + 0.1 * mask[..., None])[:, None], FRAMES, axis=1))


class Drawn(Masked):
    draws_noise = True


@pytest.mark.parametrize("module", [Masked, Drawn])
def test_a_mask_is_given_for_each_photo_or_all_may_move(monkeypatch, module):
    monkeypatch.setattr(networks, "load_generator", lambda path: (NETWORK, {}, {}))
    monkeypatch.setattr(from_config, "generator", lambda network: module())
    model, photos = load_animator("run"), np.full((2, SIZE, SIZE, 3), 90, np.uint8)
    mask = np.zeros((2, SIZE, SIZE), np.float32)
    mask[1, :3] = 1
    clips, everywhere = model.with_mask(mask)(photos), model(photos)
    np.testing.assert_array_equal(clips[1, :, :3], everywhere[1, :, :3])
    assert (clips[0] == 90).all() and (clips[1, :, 3:] == 90).all() and (everywhere > 90).all()
    with pytest.raises(ValueError, match="1 photos were given 2 masks"):
        model.with_mask(mask)(photos[:1])
    with pytest.raises(ValueError, match=r"takes float32 masks \[B, .*got float64 \[2, 3\]"):
        model.with_mask(np.zeros((2, 3)))


def test_fields_are_in_shares_and_grey_levels(windy):
    found = windy.fields(sky(SIZE, SIZE)[None])
    assert found.velocity.shape == (1, SIZE, SIZE, 2) and found.mask.shape == (1, SIZE, SIZE)
    np.testing.assert_allclose(found.change, 12.75, atol=1e-4)


@pytest.mark.parametrize(
    "wind, message",
    [
        (np.zeros((2, 2), np.float32), r"A wind is float32 \[1, 2\], got float32 \[2, 2\]"),
        (np.zeros((1, 2)), r"A wind is float32 \[1, 2\], got float64 \[1, 2\]"),
    ],
)
def test_a_wind_of_another_shape_is_an_error(windy, wind, message):
    with pytest.raises(ValueError, match=message):
        windy(sky(SIZE, SIZE)[None], wind=wind)


def test_a_model_without_wind_refuses_one_and_has_no_fields(model):
    animate, photos = load_animator("run"), sky(SIZE, SIZE)[None]
    assert not animate.takes_wind and not animate.takes_mask
    with pytest.raises(ValueError, match="This model takes no mask"):
        animate.with_mask(np.zeros((1, SIZE, SIZE), np.float32))
    with pytest.raises(ValueError, match="This model takes no wind"):
        animate(photos, wind=np.zeros((1, 2), np.float32))
    with pytest.raises(ValueError, match="it has no fields"):
        animate.fields(photos)
    with pytest.raises(ValueError, match="takes no wind, so none is likely"):
        animate.prior(photos)
