"""Weights & Biases in its offline mode."""

import pytest

from tests.helpers.tracked import track

wandb = pytest.importorskip("wandb", reason="the extra wandb is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(autouse=True)
def forgotten():
    """It reads its environment once a process."""
    wandb.teardown()
    yield
    wandb.teardown()


def test_a_run_and_the_same_run_again(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    monkeypatch.setenv("WANDB_SILENT", "true")
    first, second = track("wandb", tmp_path / "sky"), track("wandb", tmp_path / "sky")
    assert first == second
    assert "has stopped" not in capfd.readouterr().err
    runs = sorted((tmp_path / "wandb").glob(f"offline-run-*-{first}"))
    assert len(runs) == 2
    media = [path.suffix for path in (runs[0] / "files" / "media").rglob("samples*")]
    assert sorted(media) == [".gif"]
    (log,) = runs[0].glob("*.wandb")
    content = log.read_bytes()
    assert b"g/l1" in content and b"batch_size" in content


def test_without_a_key_the_run_goes_on(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    assert track("wandb", tmp_path / "sky") is None
    assert capfd.readouterr().err.count("note: the tracker wandb has stopped") == 1
