"""What a folder holds: footage, clutter, and what cannot be read."""

import os

from ssagan_jax.data.building.listing import clutter_note, list_folder, walk


def tree(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_clutter_is_not_looked_into(tmp_path):
    tree(tmp_path, "a/b.jpg", "@eaDir/b.jpg", ".thumbnails/b.jpg", "._b.jpg", "a/Thumbs.db")
    listings = list(walk(tmp_path))
    assert [path.name for listing in listings for path in listing.files] == ["b.jpg"]
    clutter = [path for listing in listings for path in listing.clutter]
    [note] = clutter_note(tmp_path, clutter)
    assert note.reason == "passed over as no one's footage: 1 @eaDir, 1 Thumbs.db, 2 hidden"
    assert set(note.files) == {"@eaDir", ".thumbnails", "._b.jpg", "a/Thumbs.db"}
    assert clutter_note(tmp_path, []) == []


def test_links_are_followed_but_not_in_circles(tmp_path):
    footage = tree(tmp_path / "elsewhere", "1.jpg")
    source = tree(tmp_path / "source", "a/b/2.jpg")
    (source / "a" / "b" / "up").symlink_to(source / "a")
    (source / "linked").symlink_to(footage)
    (source / "gone").symlink_to(tmp_path / "nothing")
    (source / "itself").symlink_to(source / "itself")
    listings = list(walk(source))
    found = [path.relative_to(source).as_posix() for item in listings for path in item.files]
    assert found == ["a/b/2.jpg", "linked/1.jpg"]
    reasons = {os.path.basename(odd.path): odd.reason for item in listings for odd in item.odd}
    assert reasons.pop("itself").startswith("unreadable: Too many levels of symbolic links")
    assert reasons == {"up": "a link in a circle, to a folder above", "gone": "a link to nothing"}


def test_pipes_are_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    found = list_folder(tmp_path)
    assert not found.files and [odd.reason for odd in found.odd] == ["a pipe, not a file"]


def test_a_folder_that_may_not_be_read(tmp_path, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    (listing,) = walk(tmp_path)
    assert [odd.reason for odd in listing.odd] == ["unreadable: Permission denied"]
