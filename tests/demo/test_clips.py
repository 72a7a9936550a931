"""A visit from photo to download, with a generator made by hand."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssagan_jax.animation import masks
from ssagan_jax.animation.animator import Animator
from ssagan_jax.demo import clips
from ssagan_jax.demo.orders import Order
from ssagan_jax.io import video_files
from tests.helpers.movers import blower, mover
from tests.helpers.visitors import finished, order, serving

ROOT = Path(__file__).parent.parent.parent


def scene(height=48, width=64):
    """A photo: waves of brightness above, dark ground below."""
    row = 130 + 60 * np.sin(2 * np.pi * np.arange(width) / width)
    photo = np.full((height, width, 3), [40, 60, 20], np.uint8)
    photo[: height // 2] = row[None, :, None] + np.array([-30, 0, 60])
    return photo


def file_of(image, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(image).save(file, kind, **options)
    return file.getvalue()


def made(folder, photo, model=None, *, mask=None, side=64, **options):
    """The frames of a clip, and how its photo is shown."""
    folder.mkdir()
    (folder / clips.UPLOAD).write_bytes(file_of(photo))
    if mask is not None:
        (folder / clips.MASK).write_bytes(file_of(mask))
    make = clips.maker(model or mover(), side=side)
    make(folder, Order(**options), lambda done, total: None)
    shown = np.asarray(Image.open(folder / clips.PHOTO))
    return video_files.read_video(folder / clips.VIDEO).astype(int), shown


def test_a_visit(monkeypatch, tmp_path):
    with (
        serving(monkeypatch, tmp_path, model=mover(), side=64) as server,
        server.client() as client,
    ):
        page = client.get("/")
        assert page.headers["content-type"].startswith("text/html")
        for name in ("app.js", "api.js", "style.css", "icon.svg", "manifest.json", "example-2.jpg"):
            assert client.get(f"/static/{name}").status_code == 200
        about = client.get("/api/about").json()
        assert (about["draws_noise"], about["side"]) == (False, 64)
        ordered = order(client, file_of(scene()), seconds=1).json()
        early = client.get(f"/api/clips/{ordered['name']}/clip.mp4")
        assert early.status_code in (200, 409)
        told = finished(client, ordered["name"])
        assert told == {"name": ordered["name"], "state": "ready", "message": ""}
        video = client.get(f"/api/clips/{ordered['name']}/clip.mp4")
        assert video.headers["content-type"] == "video/mp4"
        part = client.get(video.url.path, headers={"Range": "bytes=0-9"})  # Safari asks so
        assert (part.status_code, part.content) == (206, video.content[:10])
        (tmp_path / "here.mp4").write_bytes(video.content)
        assert video_files.read_video(tmp_path / "here.mp4").shape == (24, 48, 64, 3)
        (tmp_path / "here.mp4").unlink()
        gif = Image.open(io.BytesIO(client.get(f"/api/clips/{ordered['name']}/clip.gif").content))
        assert (gif.n_frames, gif.size, gif.info["loop"]) == (12, (64, 48), 0)
        assert client.post(f"/api/clips/{ordered['name']}/leave").status_code == 204
        assert client.get(f"/api/clips/{ordered['name']}").status_code == 404


def test_a_visitor_who_waits_sees_their_place(monkeypatch, tmp_path):
    with serving(monkeypatch, tmp_path) as server, server.client() as client:
        server.painter.may_go.clear()
        first, second = (order(client).json()["name"] for _ in range(2))
        told = client.get(f"/api/clips/{second}").json()
        assert (told["state"], told["place"]) == ("waiting", 1)
        refused = client.get(f"/api/clips/{second}/clip.mp4")
        assert (refused.status_code, "not ready yet" in refused.text) == (409, True)
        while (told := client.get(f"/api/clips/{first}").json())["state"] == "waiting":
            pass
        assert (told["done"], told["total"]) == (0, 100)


def test_the_page_offers_a_seed_where_there_is_noise(monkeypatch, tmp_path):
    model = mover(noise=True)
    with serving(monkeypatch, tmp_path, model=model) as server, server.client() as client:
        assert client.get("/api/about").json()["draws_noise"] is True


def test_length_speed_and_seed(tmp_path):
    photo, noisy = scene(), mover(noise=True)
    still, _ = made(tmp_path / "a", photo, seconds=2)
    assert len(still) == 50
    fast, _ = made(tmp_path / "b", photo, seconds=2, speed=3)
    assert np.abs(np.diff(fast, axis=0)).mean() > 1.3 * np.abs(np.diff(still, axis=0)).mean()
    one, two = (
        made(tmp_path / f"s{seed}", photo, noisy, seconds=1, seed=seed)[0] for seed in (1, 2)
    )
    assert np.abs(one - two).max() > 2
    # The end leads into the beginning.
    steps = np.abs(np.diff(still, axis=0)).mean((1, 2, 3))
    assert np.abs(still[-1] - still[0]).mean() < 2 * steps.max()


@pytest.mark.parametrize("size", [(48, 64), (61, 79), (300, 400)])
def test_sizes(tmp_path, size):
    frames, shown = made(tmp_path / "a", scene(*size), side=80, seconds=1)
    assert frames.shape[1:] == shown.shape
    assert all(length % clips.STEP == 0 for length in shown.shape[:2])
    assert max(shown.shape) == min(80, max(size) // 16 * 16)


@pytest.mark.parametrize("size", [(48, 64), (61, 79)])
def test_only_what_is_painted_moves(tmp_path, size):
    photo = scene(*size)
    photo[:] = photo[:1]  # waves all over
    mask = np.zeros((24, round(24 * size[1] / size[0])), np.uint8)
    mask[:, mask.shape[1] // 2 :] = 255
    frames, shown = made(tmp_path / "a", photo, mask=mask, moves="painted", side=96, seconds=1)
    change = np.abs(frames - shown).max(axis=(0, 1, 3))
    assert change[: len(change) // 2 - 3].max() < 12  # lossy, but still
    assert change[len(change) * 3 // 4 :].max() > 25


def test_only_the_sky_moves(tmp_path):
    frames, shown = made(tmp_path / "a", scene(96, 128), moves="sky", side=128, seconds=1)
    change = np.abs(frames - shown).max(axis=(0, 2, 3))
    assert change[60:].max() < 12 and change[:40].max() > 25
    with pytest.raises(ValueError, match=r"No sky was found in the photo\. Paint what may move"):
        made(tmp_path / "b", np.full((96, 128, 3), [90, 40, 10], np.uint8), moves="sky")


@pytest.mark.slow
@pytest.mark.parametrize("moves", ["everything", "sky", "painted"])
def test_a_model_that_takes_a_mask_is_told_what_may_move(monkeypatch, tmp_path, moves):
    given = []

    class Masked(Animator):
        def with_mask(self, mask):
            given.append(mask)
            return self

    model = Masked(32, 8, False, blower()._run, takes_wind=True, has_fields=True, takes_mask=True)
    mask = np.zeros((48, 64), np.uint8)
    mask[:, :32] = 255
    made(tmp_path / "x", scene(), model, mask=mask if moves == "painted" else None, moves=moves)
    if moves == "everything":
        assert not given
        return
    [told] = given
    assert told.shape == (1, 32, 32) and told.dtype == np.float32
    ones = told[0, :14, :14] if moves == "painted" else told[0, :12]
    zeros = told[0, :, 18:] if moves == "painted" else told[0, 20:]
    assert ones.min() > 0.9 and zeros.max() < 0.1


def test_strangers_choose_sizes_but_programs_are_few(monkeypatch, tmp_path):
    compiled, cleared = set(), []
    kept = masks.sky

    def sky(photo):
        compiled.add(photo.shape)
        return kept(photo)

    monkeypatch.setattr(masks, "sky", sky)
    monkeypatch.setattr(clips, "SIZES", 2)
    monkeypatch.setattr(clips.jax, "clear_caches", lambda: cleared.append(len(compiled)))
    make = clips.maker(mover(), side=96)
    for number, size in enumerate([(64, 64), (71, 67), (64, 80), (79, 95), (48, 64), (64, 64)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / clips.UPLOAD).write_bytes(file_of(scene(*size)))
        make(folder, Order(moves="sky", seconds=1), lambda done, total: None)
    assert compiled == {(64, 64, 3), (64, 80, 3), (48, 64, 3)}
    assert cleared == [2]  # before the third size


def test_what_visitors_make_compile_is_not_written_to_the_disk(tmp_path):
    code = (
        "import pathlib, sys, jax, numpy as np\n"
        "from ssagan_jax.distributed.jax_setup import set_up_jax\n"
        "from ssagan_jax.demo import clips\n"
        "from tests.helpers.movers import blower, mover\n"
        "set_up_jax()\n"
        "run = lambda photos, seed, words: np.asarray(jax.jit(lambda x: x[:, None])(photos))\n"
        "clips.warm_up(mover(frames=1, run=run))\n"
        "jax.jit(lambda x: x + 1)(np.ones(3))\n"
    )
    environment = {
        **os.environ,
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
    assert len(list(tmp_path.glob("*-cache"))) == 1  # the model


def test_panoramas_too_narrow_for_the_model(tmp_path):
    assert made(tmp_path / "a", scene(128, 256), side=64, seconds=1)[0].shape[1:3] == (32, 64)
    with pytest.raises(ValueError, match=r"too narrow: at 64 x 16 pixels, .* model's 32\. Cut"):
        made(tmp_path / "b", scene(120, 400), side=64)


def test_photos_too_small_for_a_video(tmp_path):
    with pytest.raises(ValueError, match="too small: 15 x 15 pixels, expected 16 or more"):
        made(tmp_path / "a", scene(15, 15), blower())


def test_small_photos_and_masks_of_another_shape(tmp_path):
    with pytest.raises(ValueError, match="photo of 16 x 9 pixels is smaller than the model's"):
        made(tmp_path / "a", scene(9, 16))
    with pytest.raises(ValueError, match="which has another aspect than the photo's"):
        made(tmp_path / "b", scene(), mask=np.zeros((40, 40), np.uint8), moves="painted")
