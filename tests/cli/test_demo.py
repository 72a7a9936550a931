"""``ssagan demo``."""

import pytest

from tests.helpers.commands import refused

pytest.importorskip("uvicorn", reason="needs pip install -e '.[demo]'")


def test_a_workdir_without_a_model(capsys, tmp_path):
    assert "No checkpoint in" in refused(capsys, "demo", f"--workdir={tmp_path}", "--port=0")


def test_a_port_that_cannot_be(capsys):
    assert "port is from 0 to 65535" in refused(capsys, "demo", "--port=70000")
