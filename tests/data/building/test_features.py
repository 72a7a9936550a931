"""A data set that somebody else made may name any module."""

import json

import pytest

from ssagan_jax.data.building.features import FILE, check_features, record_features

EVIL = "evil_module_of_a_data_set.Feature"


@pytest.fixture
def folder(tmp_path):
    """A folder with the features that a build writes."""
    record_features().save_config(str(tmp_path))
    return tmp_path


@pytest.fixture
def content(folder):
    return json.loads((folder / FILE).read_text())


def test_what_a_build_writes_is_accepted(folder):
    check_features(folder)


def test_another_module_is_refused_before_it_is_imported(folder, content, monkeypatch):
    import tensorflow_datasets as tfds

    from ssagan_jax.data.building.folders import open_records

    content["featuresDict"]["features"]["shot"]["pythonClassName"] = EVIL
    (folder / FILE).write_text(json.dumps(content))
    monkeypatch.setattr(tfds, "builder_from_directory", lambda _: pytest.fail("was read"))
    with pytest.raises(ValueError, match=r"features\.json names other features than ssagan data"):
        open_records(folder, "train")


CHANGES = [
    lambda c: c["featuresDict"]["features"].pop("shot"),
    lambda c: c["featuresDict"]["features"].update(more={"pythonClassName": EVIL}),
    lambda c: c["featuresDict"]["features"]["shot"].update(type=EVIL, content={}),
    lambda c: c["featuresDict"]["features"].update(shot="text"),
    lambda c: c["featuresDict"].update(more={}),
    lambda c: c.update(type=EVIL, content={}),
    lambda c: c.update(pythonClassName=EVIL),
    lambda c: c.update(featuresDict=[]),
]


@pytest.mark.parametrize("change", CHANGES)
def test_so_is_any_other_change(folder, content, change):
    change(content)
    (folder / FILE).write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"features\.json names other features"):
        check_features(folder)


@pytest.mark.parametrize("text", [None, "", "{", "\0", "[" * 100_000, "[]", "null"])
def test_files_that_are_none(folder, text):
    if text is None:
        (folder / FILE).unlink()
    else:
        (folder / FILE).write_text(text)
    with pytest.raises(ValueError, match=r"features\.json (cannot be read|names other)"):
        check_features(folder)
