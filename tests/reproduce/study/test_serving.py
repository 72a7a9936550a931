"""``ssagan study serve``: starting, ending, and being killed."""

import contextlib
import math
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from ssagan_jax.reproduce.study import serving
from ssagan_jax.reproduce.study.ballots import read_ballots
from ssagan_jax.reproduce.study.folder import VOTES, read_study
from tests.helpers.studies import answer, make_study

ROOT = Path(__file__).parent.parent.parent.parent
RATERS = 20


@contextlib.contextmanager
def started(folder):
    """A server in a process of its own, with its address; ended at the end."""
    code = (
        "import sys; from pathlib import Path; from ssagan_jax.reproduce.study import serving; "
        "serving.serve(Path(sys.argv[1]), host='127.0.0.1', port=0)"
    )
    command = [sys.executable, "-c", code, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        yield process, re.search(r"The study is at (http://[\d.:]+)/", line)[1]
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_a_folder_that_is_no_study(tmp_path):
    with pytest.raises(FileNotFoundError, match="No study at"):
        serving.serve(tmp_path, host="127.0.0.1", port=0)


def test_films_that_are_missing_are_told_before_it_serves(tmp_path):
    folder = make_study(tmp_path, pairs=1)
    next((folder / "clips").iterdir()).unlink()
    with pytest.raises(FileNotFoundError, match="lacks 1 of 3 films"):
        serving.serve(folder, host="127.0.0.1", port=0)


@pytest.mark.slow
def test_twenty_raters_lose_no_vote_when_the_server_is_killed(tmp_path):
    """Each votes until the server is gone, and goes on with the next one."""
    folder = make_study(tmp_path, pairs=40, count=40)
    trials = read_study(folder).by_name
    acknowledged = {}

    def vote(rater):
        with httpx.Client(base_url=address, timeout=30) as client:
            try:
                told = client.get(f"/raters/{rater}") if rater else client.post("/raters")
                rater = told.json()["rater"]
                answered = told.json()["answered"]
                assert acknowledged.get(rater, {}).items() <= answered.items()
                mine = acknowledged.setdefault(rater, {})
                for number, (trial, left) in enumerate(told.json()["order"]):
                    if trial not in answered:
                        sent = answer(trial, left=left, chosen=number % 2)
                        reply = client.post(f"/raters/{rater}/answers", json=sent)
                        assert reply.status_code == 204
                        mine[trial] = sent["chosen"]
                        if sum(map(len, acknowledged.values())) >= kill_at:
                            server.kill()
            except httpx.TransportError:  # it is dead
                pass
        return rater

    def visit(raters):
        with ThreadPoolExecutor(RATERS) as pool:
            return list(pool.map(vote, raters))

    kill_at = RATERS * len(trials) // 3
    with started(folder) as (server, address):
        raters = visit([None] * RATERS)
        assert server.wait(10) == -signal.SIGKILL
    kept, _ = read_ballots(folder / VOTES, trials)
    assert kill_at <= sum(map(len, acknowledged.values())) < RATERS * len(trials)
    check(acknowledged, kept)

    kill_at = math.inf
    with started(folder) as (server, address):
        visit(raters)
    kept, _ = read_ballots(folder / VOTES, trials)
    check(acknowledged, kept)
    assert len(kept) == RATERS
    assert {len(answers) for answers in kept.values()} == {len(trials)}


def check(acknowledged, kept):
    """What was acknowledged is on the disk, as it was."""
    for rater, answers in acknowledged.items():
        found = {trial: answer.chosen for trial, answer in kept[rater].items()}
        assert answers.items() <= found.items()
