"""``ssagan reproduce``: its options and statuses."""

from pathlib import Path

import pytest

from ssagan_jax.cli import STOPPED
from ssagan_jax.cli.main import main
from ssagan_jax.reproduce import command, plan, training


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (training.Outcome(), 0),
        (training.Outcome(failed={"ssagan": "ValueError: no"}), 1),
        (training.Outcome(stopped=True), STOPPED),
    ],
)
def test_the_options_arrive_and_the_outcome_is_the_status(monkeypatch, capsys, outcome, status):
    asked = []

    def reproduce(options, **others):
        asked.append((options, others))
        return outcome

    monkeypatch.setattr(command, "reproduce", reproduce)
    given = ["--rows=a", "--train", "--metrics=fvd, kvd", "--config.ema_decay", "0.5", "--seeds=2"]
    assert main(["reproduce", "--table=cloud", *given]) == status
    options = plan.Options(
        table="cloud",
        workdirs=Path("runs/reproduce"),
        budget="small",
        seeds=2,
        metrics=("fvd", "kvd"),
        overrides=("--config.ema_decay=0.5",),
    )
    assert asked == [(options, {"rows": "a", "train": True, "votes": ""})]
    assert ("ssagan was not trained. ValueError: no" in capsys.readouterr().err) == (status == 1)
