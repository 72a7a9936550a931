"""From photos to clips, with a generator that brightens the photo as time goes on."""

import os
import subprocess
import sys

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from ssagan_jax import build, generate, saved_network, video_io
from ssagan_jax.types import Generated

SIZE, FRAMES = 32, 8
CONFIG = {"dataset": {"size": SIZE, "frames": FRAMES}}


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
    """Puts ``Brighten`` where checkpoints are read; a function that sets its noise."""
    modules = [Brighten()]
    keys = {"params": jax.random.key(0), "noise": jax.random.key(0)}
    variables = Brighten().init(keys, jnp.zeros((1, SIZE, SIZE, 3)), train=False)
    monkeypatch.setattr(saved_network, "load_generator", lambda path: (CONFIG, variables, {}))
    monkeypatch.setattr(build, "generator", lambda config: modules[-1])
    return lambda noise: modules.append(Brighten(noise=noise))


def sky(height=48, width=64, level=100):
    photo = np.full((height, width, 3), level, np.uint8)
    photo[: height // 2, :, 2] += 60
    return photo


def save(path, photo=None):
    Image.fromarray(sky() if photo is None else photo).save(path, quality=95)
    return path


def test_animator_animates_and_quantises(model):
    animate = generate.animator("run")
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
    animate = generate.animator("run", statistics="batch")
    for _ in range(2):  # the second time too: the update is dropped
        np.testing.assert_allclose(animate(photos)[:, 0], 1.4 * 127.5, atol=0.6)
    assert (generate.animator("run", statistics="running")(photos)[:, 0] == 153).all()
    with pytest.raises(ValueError, match=r'Unknown statistics "both"\. Known: running, batch'):
        generate.animator("run", statistics="both")


def test_seed_decides_the_noise(model):
    model(noise=0.3)
    animate, photos = generate.animator("run"), sky(SIZE, SIZE)[None]
    np.testing.assert_array_equal(animate(photos, seed=1), animate(photos, seed=1))
    assert (animate(photos, seed=1) != animate(photos, seed=2)).any()
    loaded = [generate.load("run", seed=seed)(sky()) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(loaded[0], loaded[1])
    assert (loaded[0] != loaded[2]).any()


def test_a_clip_is_decided_by_its_photo_and_the_seed_alone(model):
    model(noise=0.3)
    animate = generate.animator("run")
    photos = np.stack([sky(SIZE, SIZE, level) for level in (90, 100, 110)])
    clips = animate(photos, seed=5)
    shifts = (clips[:, 0].astype(float) - photos).mean((1, 2, 3))
    assert len(set(shifts.round())) == 3  # noise of its own for each
    np.testing.assert_array_equal(animate(photos[[2, 0]], seed=5), clips[[2, 0]])
    np.testing.assert_array_equal(animate(photos[1:2], seed=5), clips[1:2])


def test_noise_with_batch_statistics(model):
    model(noise=0.3)
    animate = generate.animator("run", statistics="batch")
    photos = np.stack([sky(SIZE, SIZE, level) for level in (20, 30, 40)])
    clips = animate(photos, seed=5)
    np.testing.assert_array_equal(animate(photos, seed=5), clips)
    assert (animate(photos, seed=6) != clips).any()
    others = animate(photos[[1, 2, 0]], seed=5)  # another first photo, another draw
    assert (others != clips[[1, 2, 0]]).any()


def test_a_model_is_compiled_once_for_all_its_animators(model):
    model(noise=0.125)  # a module that no other test has compiled
    for _ in range(3):
        generate.animator("run")(sky(SIZE, SIZE)[None])
    assert generate._program(Brighten(noise=0.125), train=False)._cache_size() == 1


def test_animator_copies_nothing_implicitly(model):
    animate = generate.animator("run")
    with jax.transfer_guard("disallow"):
        animate(sky(SIZE, SIZE)[None], seed=3)


SEVERAL_DEVICES = """
import flax.linen as nn, jax, numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from ssagan_jax import build, generate
from ssagan_jax.types import Generated

class Scale(nn.Module):
    size = frames = 8
    @nn.compact
    def __call__(self, frame, *, train):
        scale = self.param("scale", nn.initializers.ones, ())
        return Generated(clip=scale * frame[:, None].repeat(8, 1))

build.generator = lambda config: Scale()
mesh = Mesh(np.array(jax.devices()), ("data",))
everywhere = NamedSharding(mesh, PartitionSpec())
variables = jax.device_put({"params": {"scale": np.float32(1)}}, everywhere)
with jax.transfer_guard("disallow"):
    animate = generate.assemble({}, variables)
    print(jax.device_count(), animate(np.full((3, 8, 8, 3), 7, np.uint8)).mean())
"""


def test_animator_takes_variables_from_several_devices():
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", SEVERAL_DEVICES]
    done = subprocess.run(command, env=os.environ | flags, capture_output=True, text=True)
    assert done.stdout.split() == ["4", "7.0"], done.stderr


def test_animator_refuses_other_photos(model):
    animate = generate.animator("run")
    with pytest.raises(ValueError, match=r"uint8 photos \[B, 32, 32, 3\], got uint8 \[1, 48, 64"):
        animate(sky()[None])
    with pytest.raises(ValueError, match="got float32"):
        animate(sky(SIZE, SIZE)[None].astype(np.float32))


@pytest.mark.parametrize(
    ("photo", "clip"),
    [((48, 64), (48, 64)), ((51, 33), (50, 32)), ((32, 32), (32, 32)), ((3, 200), (2, 200))],
)
def test_load_returns_the_photos_size_in_even_pixels(model, photo, clip):
    assert generate.load("run")(sky(*photo)).shape == (FRAMES, *clip, 3)


def test_load_shows_the_whole_photo_upright(model):
    clip = generate.load("run")(sky(50, 120))
    np.testing.assert_allclose(clip[0], sky(50, 120), atol=40)  # blurred at the horizon
    np.testing.assert_allclose(clip[0, :18], sky(50, 120)[:18], atol=4)
    means = clip.mean((1, 2, 3))
    assert (np.diff(means) > 5).all()


def test_load_limits_the_long_side(model):
    assert generate.output_size(3000, 4000) == (960, 1280)
    assert generate.output_size(2 * 1280, 1280) == (1280, 640)
    assert generate.output_size(1, 10_000) == (2, 1280)
    assert generate.load("run", max_side=31)(sky(48, 64)).shape == (FRAMES, 22, 30, 3)
    with pytest.raises(ValueError, match="max_side is in pixels, at least 2, got 0"):
        generate.output_size(10, 10, max_side=0)


def test_load_refuses_what_is_not_a_photo(model):
    animate = generate.load("run")
    with pytest.raises(ValueError, match=r"A photo is uint8 \[H, W, 3\].* got float64 \[48, 64, 3"):
        animate(sky() / 255)
    with pytest.raises(ValueError, match=r"got uint8 \[48, 64\]"):
        animate(sky()[..., 0])
    with pytest.raises(ValueError, match=r"not empty, got uint8 \[0, 64, 3\]"):
        animate(sky()[:0])


@pytest.mark.parametrize("name", ["out.mp4", "new/out.gif"])
def test_generate_one_file(model, tmp_path, name):
    photo = save(tmp_path / "photo.jpg")
    paths = generate.generate([photo], tmp_path / name, path="run", fps=10)
    assert paths == [tmp_path / name]
    clip = video_io.read_video(paths[0])
    assert clip.shape == (FRAMES, 48, 64, 3)
    assert clip[-1].mean() > clip[0].mean() + 30


def test_generate_turns_phone_photos_upright(model, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(sky()).save(tmp_path / "phone.jpg", exif=exif)
    paths = generate.generate([tmp_path / "phone.jpg"], tmp_path / "out.mp4", path="run")
    assert video_io.read_video(paths[0]).shape == (FRAMES, 64, 48, 3)


def test_generate_passes_its_options_on(model, tmp_path):
    model(noise=0.3)
    photo = save(tmp_path / "photo.png")
    for seed in (1, 2):
        generate.generate([photo], tmp_path / f"{seed}.gif", path="run", seed=seed, max_side=32)
    first, second = (video_io.read_video(tmp_path / f"{seed}.gif") for seed in (1, 2))
    assert first.shape == (FRAMES, 24, 32, 3)
    assert abs(first.mean() - second.mean()) > 1


def test_generate_a_folder_with_distinct_names(model, tmp_path):
    photos = [tmp_path / "a" / "sky.jpg", tmp_path / "b" / "Sky.png", tmp_path / "sea.webp"]
    for photo in photos:
        photo.parent.mkdir(exist_ok=True)
        save(photo)
    paths = generate.generate(photos, tmp_path / "out", path="run")
    assert paths == [tmp_path / "out" / name for name in ("sky.mp4", "Sky-2.mp4", "sea.mp4")]
    assert all(path.is_file() for path in paths)


def test_destinations(tmp_path):
    (tmp_path / "v1.mp4").mkdir()
    one = ["a/x.jpg"]
    assert generate.destinations(one, "o.gif")[0].name == "o.gif"
    assert generate.destinations(one, tmp_path / "v1.mp4") == [tmp_path / "v1.mp4" / "x.mp4"]
    assert str(generate.destinations(one, "new.v1/")[0]) == "new.v1/x.mp4"
    three = ["a/x.jpg", "x-2.jpg", "b/x.png"]
    names = [path.name for path in generate.destinations(three, "new")]
    assert names == ["x.mp4", "x-2.mp4", "x-3.mp4"]
    with pytest.raises(ValueError, match=r"3 photos do not fit into o\.mp4, expected a folder"):
        generate.destinations(three, "o.mp4")
    with pytest.raises(ValueError, match="No photos to animate"):
        generate.destinations([], "o.mp4")
    photo = save(tmp_path / "photo.gif")
    with pytest.raises(ValueError, match="is the photo itself"):
        generate.destinations([photo], photo)


def test_unreadable_photos_do_not_stop_the_others(model, tmp_path, capsys):
    (tmp_path / "bad.jpg").write_text("no")
    photos = [tmp_path / "bad.jpg", save(tmp_path / "good.jpg"), tmp_path / "missing.jpg"]
    with pytest.raises(ValueError, match=r"(?s)2 of 3 photos could not .*bad\.jpg.*missing\.jpg"):
        generate.generate(photos, tmp_path / "out", path="run")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.mp4"]
    assert "bad.jpg" in capsys.readouterr().err


def test_output_is_checked_before_the_model_is_loaded(tmp_path, monkeypatch):
    def never(path):
        raise AssertionError("the model was loaded")

    monkeypatch.setattr(saved_network, "load_generator", never)
    photo = save(tmp_path / "photo.jpg")
    with pytest.raises(OSError, match=r"Cannot write .*photo\.jpg/out\.mp4"):
        generate.generate([photo], photo / "out.mp4", path="run")
    with pytest.raises(ValueError, match=r'unknown suffix "\.avi"\. Known: \.mp4, \.gif'):
        generate.generate([photo], tmp_path / "out.avi", path="run")
    with pytest.raises(ValueError, match="GIF plays at most 50"):
        generate.generate([photo], tmp_path / "out.gif", path="run", fps=100)
    with pytest.raises(FileNotFoundError, match="No photo at"):
        generate.generate([tmp_path / "none.jpg"], tmp_path / "out.mp4", path="run")
