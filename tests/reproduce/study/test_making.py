"""Films of pairs: of the right clips, on the right sides, saying nothing else."""

import numpy as np
import pytest

from ssagan_jax.io import video_files
from ssagan_jax.reproduce.study import making
from ssagan_jax.reproduce.study.design import AGAIN, NOISE, PAIR
from ssagan_jax.reproduce.study.folder import read_consent, read_study
from tests.helpers.studies import COLOURS, SHAPE, make_study, write_clips

SYSTEMS = ("ssagan", "mdgan", "real")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_study(tmp_path_factory.mktemp("made"), systems=SYSTEMS, pairs=2)


def test_every_film_shows_its_two_clips(folder):
    study = read_study(folder)
    frames, height, width, _ = SHAPE
    assert (study.height, study.width, study.second) == (height, width, 48 + 16)
    assert {trial.kind for trial in study.trials} == {PAIR, NOISE, AGAIN}
    for trial in study.trials:
        film = video_files.read_video(folder / "clips" / f"{trial.name}.mp4")
        assert film.shape == (frames, 32, 112, 3)
        for system, start in zip(trial.halves, (0, study.second), strict=True):
            clip = film[:, :height, start : start + width].astype(int)
            if system == NOISE:
                assert clip.std() > 40
                continue
            shown = np.array(COLOURS[system]) + np.arange(frames)[:, None]
            assert np.abs(clip.mean(axis=(1, 2)) - shown).max() < 8


def test_what_is_stored(folder):
    study = read_study(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["clips", "consent.md", "study.json"]
    films = {path.stem for path in (folder / "clips").iterdir()}
    assert films == set(study.by_name) and all(len(name) == 16 for name in films)
    assert study.systems == SYSTEMS and read_consent(folder)
    digests = [digest for clips in study.clips.values() for digest in clips.values()]
    assert all(len(digest) == 64 for digest in digests)
    assert study.sources["real"]["reference"] == "real.npz"


def test_the_draw_repeats_by_seed_and_names_do_not(tmp_path, folder):
    again = read_study(make_study(tmp_path, systems=SYSTEMS, pairs=2))
    study = read_study(folder)

    def drawn(x):
        return sorted((t.kind, t.pair, t.halves) for t in x.trials)

    assert drawn(again) == drawn(study)
    assert not again.by_name.keys() & study.by_name.keys()


def test_videos_of_one_name_are_compared_whatever_the_ending(tmp_path):
    for name, files in {"a": ["x.mp4", "y.gif", "z.mp4"], "b": ["x.gif", "y.mp4", "w.mp4"]}.items():
        for file in files:
            video_files.write_video(tmp_path / name / file, np.zeros((3, 16, 16, 3), np.uint8))
    sources = {name: str(tmp_path / name) for name in ("a", "b")}
    study = making.make_study(sources, tmp_path / "study", pairs=2, seed=0)
    assert {trial.pair for trial in study.trials if trial.kind == PAIR} == {"x", "y"}


def test_clips_that_are_not_alike(tmp_path):
    sources = {
        "a": write_clips(tmp_path / "a.npz", (0, 0, 0)),
        "b": write_clips(tmp_path / "b.npz", (0, 0, 0), shape=(5, 18, 34, 3)),
    }
    with pytest.raises(ValueError, match=r"[45] frames of 34 x 18 pixels in .*npz.* clips alike"):
        making.make_study(sources, tmp_path / "study", pairs=2, seed=0)
    assert not (tmp_path / "study" / "clips").exists()  # nothing is left of it


def test_a_study_is_not_overwritten(folder, tmp_path):
    sources = {name: write_clips(tmp_path / f"{name}.npz", (0, 0, 0)) for name in ("a", "b")}
    with pytest.raises(FileExistsError, match="holds a study already"):
        making.make_study(sources, folder, pairs=1, seed=0)


def test_names_of_systems():
    assert making.name_systems("runs/ssagan/", "x/mdgan2.npz") == ("ssagan", "mdgan2")
    assert making.name_systems("a", "a", ("ours", "theirs")) == ("ours", "theirs")
    for a, b, names, message in [
        ("x/clips", "y/clips", (), "Both systems are called clips. .*--names=A,B"),
        ("a", "b", ("x",), "--names=x is 1 names; expected two"),
        ("a", "Real", (), "cannot be called Real"),
        ("left", "b", (), "cannot be called left"),
    ]:
        with pytest.raises(ValueError, match=message):
            making.name_systems(a, b, names)


def test_clips_called_the_same(tmp_path):
    for file in ("a/x.mp4", "a/x.gif", "b/x.mp4"):
        video_files.write_video(tmp_path / file, np.zeros((2, 16, 16, 3), np.uint8))
    sources = {name: str(tmp_path / name) for name in ("a", "b")}
    with pytest.raises(ValueError, match=r"has two clips called x. Rename one"):
        making.make_study(sources, tmp_path / "study", pairs=1, seed=0)
