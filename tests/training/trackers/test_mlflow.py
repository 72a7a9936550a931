"""MLflow with a store on this disk."""

import pytest

from tests.helpers.tracked import track

pytest.importorskip("mlflow", reason="the extra mlflow is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def test_a_run_and_the_same_run_again(tmp_path, monkeypatch, capfd):
    from mlflow.tracking import MlflowClient

    monkeypatch.chdir(tmp_path)  # its artifacts lie in the working directory
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/runs.db")
    first, second = track("mlflow", tmp_path / "sky"), track("mlflow", tmp_path / "sky", step=9)
    assert first == second
    assert "has stopped" not in capfd.readouterr().err
    client = MlflowClient()
    run = client.get_run(first)
    assert (run.info.run_name, run.info.status) == ("sky", "FINISHED")
    assert run.data.params["dataset.name"] == "sky" and run.data.params["batch_size"] == "4"
    points = client.get_metric_history(first, "g/l1")
    assert [(point.step, point.value) for point in points] == [(1, 0.5), (9, 0.5)]
    assert [file.path for file in client.list_artifacts(first, "samples")] == [
        "samples/step_0000001.gif",
        "samples/step_0000009.gif",
    ]


def test_a_server_that_is_not_there(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    assert track("mlflow", tmp_path / "sky") is None
    assert capfd.readouterr().err.count("note: the tracker mlflow has stopped") == 1
