"""Which machine and which code."""

import subprocess

import ssagan_jax
from ssagan_jax.io import provenance


def test_hardware_names_processor_and_versions():
    import jax

    assert f"jax {jax.__version__}" in provenance.describe_hardware()
    assert "cores" in provenance.describe_hardware() or " x " in provenance.describe_hardware()


def git(folder, *arguments):
    name = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    command = ["git", "-C", str(folder), *name, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_checkout_gives_its_commit_and_says_if_files_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    git(tmp_path, "init", "-q")
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-qm", "a")
    head = git(tmp_path, "rev-parse", "HEAD")[:12]
    assert provenance.describe_commit() == f"commit {head}"
    (tmp_path / "a").write_text("2")
    assert provenance.describe_commit() == f"commit {head} + changes"


def test_without_a_checkout_the_version(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    assert provenance.describe_commit() == f"version {ssagan_jax.__version__}"
    (tmp_path / ".git").write_text("damaged")
    assert provenance.describe_commit() == f"version {ssagan_jax.__version__}"
