"""``ssagan report``."""

from tests.helpers.commands import refused


def test_a_folder_that_holds_no_run(capsys, tmp_path):
    error = refused(capsys, "report", f"--workdir={tmp_path / 'none'}", "-o", "page.html")
    assert "holds no run: expected config.json there" in error
    assert not list(tmp_path.iterdir())
