"""Weights come from installed packages only, once, and only if they are those known."""

import hashlib
import pickle
from dataclasses import replace

import numpy as np
import pytest

from ssagan_jax.metrics.pretrained import weight_files

ARRAYS = {"conv": {"kernel": np.arange(4, dtype=np.float32)}}
FLAT = {"conv/kernel": ARRAYS["conv"]["kernel"]}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed package made_up with a file of weights, and a folder to convert into."""
    content = pickle.dumps(ARRAYS)
    site = tmp_path / "site"
    (site / "made_up-1.0.dist-info").mkdir(parents=True)
    (site / "made_up-1.0.dist-info" / "METADATA").write_text("Name: made-up\nVersion: 1.0\n")
    (site / "made_up").mkdir()
    (site / "made_up" / "__init__.py").write_text("raise AssertionError('imported')\n")
    (site / "made_up" / "a.ckpt").write_bytes(content)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv(weight_files.FOLDER_VARIABLE, str(tmp_path / "kept"))
    source = weight_files.Source(
        package="made-up",
        file="made_up/a.ckpt",
        sha256=hashlib.sha256(content).hexdigest(),
        arrays_sha256=weight_files.digest_arrays(FLAT),
    )
    monkeypatch.setattr(weight_files, "SOURCES", {"made_up": source})
    return site / "made_up" / "a.ckpt"


def test_converted_once(package, tmp_path):
    np.testing.assert_array_equal(
        weight_files.load_weights("made_up")["conv/kernel"], FLAT["conv/kernel"]
    )
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["made_up.npz"]
    package.unlink()
    np.testing.assert_array_equal(
        weight_files.load_weights("made_up")["conv/kernel"], FLAT["conv/kernel"]
    )


@pytest.mark.parametrize("damage", ["torn", "other numbers", "an object"])
def test_damaged_kept_file_is_converted_anew(package, tmp_path, damage):
    weight_files.load_weights("made_up")
    kept = tmp_path / "kept" / "made_up.npz"
    if damage == "torn":
        kept.write_bytes(kept.read_bytes()[:-50])
    elif damage == "an object":
        np.savez(kept, **{"conv/kernel": np.array([{}], object)})
    else:
        np.savez(kept, **{"conv/kernel": FLAT["conv/kernel"] + 1})
    np.testing.assert_array_equal(
        weight_files.load_weights("made_up")["conv/kernel"], FLAT["conv/kernel"]
    )
    with np.load(kept) as arrays:
        np.testing.assert_array_equal(arrays["conv/kernel"], FLAT["conv/kernel"])


def test_another_file_than_the_known_one(package):
    package.write_bytes(package.read_bytes() + b"x")
    message = r"a\.ckpt has the SHA-256 \w+, expected \w+: another version of made-up"
    with pytest.raises(ValueError, match=message):
        weight_files.load_weights("made_up")


def test_package_without_the_file(package):
    package.unlink()
    with pytest.raises(ImportError, match=r"package made-up, .*ssagan_jax\[metrics\]"):
        weight_files.load_weights("made_up")


def test_package_that_is_not_installed(package, monkeypatch):
    source = replace(weight_files.SOURCES["made_up"], package="surely-not-installed")
    monkeypatch.setattr(weight_files, "SOURCES", {"made_up": source})
    with pytest.raises(ImportError, match=r"surely-not-installed, which is not installed"):
        weight_files.load_weights("made_up")


def test_digest_is_of_names_shapes_and_values():
    base = {"a": np.zeros(4, np.float32), "b": np.ones(1, np.float32)}
    others = (
        {"c": base["a"], "b": base["b"]},
        {"a": base["a"].reshape(2, 2), "b": base["b"]},
        {"a": base["a"] + 1, "b": base["b"]},
    )
    assert weight_files.digest_arrays(dict(reversed(base.items()))) == weight_files.digest_arrays(
        base
    )
    assert len({weight_files.digest_arrays(x) for x in (base, *others)}) == 4


def test_folder(monkeypatch, tmp_path):
    monkeypatch.setenv(weight_files.FOLDER_VARIABLE, "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert weight_files.locate_folder() == tmp_path / "ssagan_jax" / "metrics"
    monkeypatch.setenv(weight_files.FOLDER_VARIABLE, str(tmp_path / "mine"))
    assert weight_files.locate_folder() == tmp_path / "mine"


@pytest.mark.parametrize(
    ("network", "numbers"), [("lpips_alex", 2_470_848), ("lpips_vgg", 14_716_160), ("i3d", None)]
)
def test_real_weights(installed, network, numbers):
    weights = installed(network)
    assert all(np.isfinite(values).all() for values in weights.values())
    if numbers:
        assert sum(values.size for values in weights.values()) == numbers
