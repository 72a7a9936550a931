"""Clips in .npz files and folders of videos."""

import os

import numpy as np
import pytest

from ssagan_jax.evaluation.clip_files import check_same_clips, open_clips
from ssagan_jax.io import video_files

CLIPS = np.random.default_rng(0).integers(0, 256, (2, 3, 16, 16, 3), dtype=np.uint8)


def save(path, **arrays):
    np.savez(path, **arrays)
    return path


def folder(path, *names):
    path.mkdir()
    for name in names:
        video_files.write_video(path / name, CLIPS[0])
    return path


def test_npz(tmp_path):
    path = save(tmp_path / "clips.npz", clips=CLIPS)
    source = open_clips(path)
    assert len(source) == 2
    np.testing.assert_array_equal(source[1]["clip"], CLIPS[1])
    assert source[1]["video"] == f"{path}, clip 1"


def test_folder_is_read_by_name_and_other_files_are_left_alone(tmp_path):
    path = folder(tmp_path / "videos", "b.mp4", "a.gif")
    for name in ("results.json", "._a.gif", ".b.mp4", "a.jpg"):
        (path / name).write_text("{}")
    source = open_clips(path)
    assert source.names == ["a.gif", "b.mp4"]
    np.testing.assert_array_equal(source[1]["clip"], video_files.read_video(path / "b.mp4"))
    assert source[1]["video"] == str(path / "b.mp4")


def test_descriptions_go_by_content(tmp_path):
    one, same, other = (tmp_path / name / "clips.npz" for name in "abc")
    for path, clips in ((one, CLIPS), (same, CLIPS), (other, CLIPS[::-1])):
        path.parent.mkdir()
        save(path, clips=clips)
    assert open_clips(one).describe() == open_clips(same).describe()
    assert open_clips(one).describe() != open_clips(other).describe()
    videos = open_clips(folder(tmp_path / "videos", "a.mp4")).describe()
    assert videos["dataset"] == "folder" and len(videos["sha256"]) == 64


def test_nothing_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.npz does not exist"):
        open_clips(tmp_path / "nothing.npz")


def test_not_an_npz(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(ValueError, match=r"pipe\.npz is neither an \.npz file nor a folder"):
        open_clips(tmp_path / "pipe.npz")
    path = tmp_path / "clips.npy"
    np.save(path, CLIPS)
    with pytest.raises(ValueError, match=r"clips\.npy is neither an \.npz file nor a folder"):
        open_clips(path)


def test_empty_folder(tmp_path):
    with pytest.raises(ValueError, match=r"holds no videos \(.*\.mp4"):
        open_clips(folder(tmp_path / "videos"))


def test_npz_without_clips(tmp_path):
    with pytest.raises(ValueError, match='no array "clips", only: frames'):
        open_clips(save(tmp_path / "a.npz", frames=CLIPS))


def test_npz_of_objects(tmp_path):
    with pytest.raises(ValueError, match=r'"clips" in .*a\.npz holds Python objects'):
        open_clips(save(tmp_path / "a.npz", clips=np.array([None, {}])))


@pytest.mark.parametrize("clips", [CLIPS / 255, CLIPS[0], CLIPS[..., :1]])
def test_npz_of_something_else(tmp_path, clips):
    with pytest.raises(ValueError, match=r"expected uint8 \[n, t, h, w, 3\]"):
        open_clips(save(tmp_path / "a.npz", clips=clips))


def test_npz_of_no_clips(tmp_path):
    with pytest.raises(ValueError, match=r"a\.npz holds 0 clips"):
        open_clips(save(tmp_path / "a.npz", clips=CLIPS[:0]))


def test_pair_of_two_kinds(tmp_path):
    pair = save(tmp_path / "a.npz", clips=CLIPS), folder(tmp_path / "real", "a.mp4")
    with pytest.raises(ValueError, match=r"a\.npz and reference .*real must be two"):
        check_same_clips(*map(open_clips, pair))


def test_pair_of_two_lengths(tmp_path):
    pair = save(tmp_path / "a.npz", clips=CLIPS), save(tmp_path / "b.npz", clips=CLIPS[:1])
    with pytest.raises(ValueError, match=r"a\.npz and reference .*b\.npz hold 2 and 1 clips"):
        check_same_clips(*map(open_clips, pair))


def test_pair_of_other_names(tmp_path):
    ours = folder(tmp_path / "ours", "a.gif", "x.gif")
    real = folder(tmp_path / "real", *(f"{name}.gif" for name in "abcde"))
    with pytest.raises(ValueError) as error:
        check_same_clips(open_clips(ours), open_clips(real))
    for part in ("ours", "real", "b.gif, c.gif, d.gif and 1 more only in the ref", "x.gif only in"):
        assert part in str(error.value)


def test_equal_pairs_pass(tmp_path):
    source = open_clips(save(tmp_path / "a.npz", clips=CLIPS))
    check_same_clips(source, source)
