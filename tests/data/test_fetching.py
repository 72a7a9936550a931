"""Downloads from a hub on this machine: the builder's layout, gone on with, counted, refused."""

import io
import zipfile
from types import SimpleNamespace

import pytest

from ssagan_jax.cli.main import main
from ssagan_jax.data import fetching
from ssagan_jax.data.sets import sky
from tests.helpers.commands import refused
from tests.helpers.hub_server import Hub, serve, use_hub_at

pytest.importorskip("huggingface_hub", reason="the extra hub is not installed")


@pytest.fixture(name="archive")
def archive_fixture(sky_folder):
    """``sky_folder`` as a zip file, in a folder of its own as people pack it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(sky_folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"sky_timelapse/{path.relative_to(sky_folder).as_posix()}")
    return file.getvalue()


@pytest.fixture(name="hub")
def hub_fixture(monkeypatch):
    hub = Hub()
    with serve(hub) as address:
        use_hub_at(address, monkeypatch)
        yield hub


def command(folder, *more):
    return ["data", "fetch", "sky", f"--to={folder}", *more]


def test_an_archive_becomes_what_the_builder_reads(hub, archive, tmp_path, capsys):
    hub.add(sky.MIRRORS[0], {"sky_timelapse.zip": archive, "README.md": b"words"})
    folder = tmp_path / "sky"
    assert main(command(folder)) == 0
    printed = capsys.readouterr().out
    assert "train   videos                     6         997" in printed
    assert "test    32-frame clips             1       2,815" in printed
    assert f"ssagan data build sky --source={folder}" in printed
    assert not (folder / fetching.DOWNLOADS).exists()
    assert main(["data", "build", "sky", f"--source={folder}", f"--data-dir={tmp_path}"]) == 0


def test_it_goes_on_and_does_nothing_twice(hub, archive, tmp_path, monkeypatch):
    hub.add(sky.MIRRORS[0], {"sky_timelapse.zip": archive})
    monkeypatch.setattr(fetching, "unpack", lambda *_, **__: 1 / 0)
    folder = tmp_path / "sky"
    assert main(command(folder)) == 1
    monkeypatch.undo()
    with serve(hub) as address:
        use_hub_at(address, monkeypatch)
        hub.requests.clear()
        assert main(command(folder)) == 0
        assert not [path for method, path, _ in hub.requests if method == "GET" and ".zip" in path]
        hub.requests.clear()
        assert main(command(folder)) == 0
        assert not hub.requests
    assert len(list((folder / "sky_test").rglob("*.jpg"))) == 33


def test_a_folder_that_holds_something_else_is_said(hub, tmp_path, capsys):
    hub.add("me/mine", {"data/sky_test/v/v_1/v_frames_00000000.jpg": b"x"})
    folder = tmp_path / "sky"
    assert main(command(folder, "--repo=me/mine")) == 0
    assert f"{folder} holds me/mine at " in capsys.readouterr().out
    assert main(command(folder)) == 0
    for option in ("--repo=me/other", "--revision=v2"):
        error = refused(capsys, *command(folder, option))
        assert "holds me/mine at " in error and "not what is asked for" in error


def test_the_next_mirror_is_tried(hub, archive, tmp_path):
    hub.add(sky.MIRRORS[0], {"README.md": b"words"})
    hub.add(sky.MIRRORS[1], {"a.zip": archive})
    assert main(command(tmp_path / "sky", "--keep-archives")) == 0
    assert (tmp_path / "sky" / fetching.DOWNLOADS / "a.zip").read_bytes() == archive


def test_a_repository_may_hold_the_folders_themselves(hub, tmp_path):
    files = {f"data/sky_test/v/v_1/v_frames_{n:08d}.jpg": b"x" for n in range(3)}
    hub.add("me/mine", files)
    assert main(command(tmp_path / "sky", "--repo=me/mine")) == 0
    assert len(list((tmp_path / "sky/sky_test/v/v_1").iterdir())) == 3


def test_no_mirror_is_said(hub, tmp_path, capsys):
    error = refused(capsys, *command(tmp_path / "sky"))
    assert f"No mirror has the data set. There is no {sky.MIRRORS[0]} on the hub" in error
    assert "--repo=ORG/NAME" in error


def test_too_small_a_disk_is_said_first(hub, archive, tmp_path, capsys, monkeypatch):
    hub.add("me/mine", {"a.zip": archive})
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: usage)
    error = refused(capsys, *command(tmp_path / "sky", "--repo=me/mine"))
    assert "has 0.0 GB of room, and 0.0 GB are needed" in error


def test_what_is_there_already_needs_no_room(tmp_path, monkeypatch):
    """As in a second call, when most of an archive is unpacked."""
    files = [fetching.HubFile("a.zip", 1000, None), fetching.HubFile("sky_test/b.jpg", 500, None)]
    (tmp_path / "sky_test").mkdir()
    (tmp_path / "sky_test" / "c.jpg").write_bytes(bytes(900))
    (tmp_path / fetching.DOWNLOADS).mkdir()
    (tmp_path / fetching.DOWNLOADS / "a.zip").write_bytes(bytes(1000))
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: SimpleNamespace(free=600))
    fetching._check_space(tmp_path, files, ("sky_train", "sky_test"))
    (tmp_path / "sky_test" / "c.jpg").unlink()
    with pytest.raises(OSError, match=r"has 0\.0 GB of room"):
        fetching._check_space(tmp_path, files, ("sky_train", "sky_test"))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["fetch", "sky"], "data fetch needs --to=DIR"),
        (["fetch", "tiny_videos", "--to=x"], 'No mirror of the data set "tiny_videos" is known'),
        (["fetch", "sky", "--to=x", "--source=y"], "--source is not an option of data fetch"),
        (["build", "sky", "--source=y", "--to=x"], "--to is not an option of data build"),
    ],
)
def test_wrong_options_are_said(arguments, text, capsys):
    assert text in refused(capsys, "data", *arguments)
