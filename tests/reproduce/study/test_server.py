"""The study's server: what it tells, keeps and refuses."""

import socket
import time

import httpx
import pytest

from ssagan_jax.reproduce.study import server
from ssagan_jax.reproduce.study.ballots import read_ballots
from ssagan_jax.reproduce.study.folder import VOTES, read_study
from tests.helpers import visitors
from tests.helpers.studies import answer, make_study, serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_study(tmp_path_factory.mktemp("made"), pairs=3)


@pytest.fixture(scope="module")
def client(folder):
    with serving(folder) as address, httpx.Client(base_url=f"http://{address}") as client:
        yield client


def first_answer(begun, **change):
    trial, left = begun["order"][0]
    return answer(trial, left=left, chosen=1) | change


def test_a_rater_votes_and_comes_back(client, folder):
    begun = client.post("/raters")
    assert begun.status_code == 201
    begun = begun.json()
    assert begun["answered"] == {} and len(begun["order"]) == 3 + 2 + 2
    sent = first_answer(begun)
    address = f"/raters/{begun['rater']}"
    assert client.post(f"{address}/answers", json=sent).status_code == 204
    again = client.get(address).json()
    assert again == begun | {"answered": {sent["trial"]: 1}}
    raters, damaged = read_ballots(folder / VOTES, read_study(folder).by_name)
    assert raters[begun["rater"]][sent["trial"]].chosen == 1 and damaged == 0


def test_what_is_told_says_nothing_of_systems(client, folder):
    told = client.get("/about.json").text + client.post("/raters").text
    for secret in ("ssagan", "mdgan", "noise", '"pair"', "halves", "seed"):
        assert secret not in told
    for path in (
        "/study.json",
        "/study/study.json",
        "/votes.jsonl",
        "/clips/../study.json",
        "/clips/study.json",
    ):
        assert "ssagan" not in client.get(path).text
    assert client.get("/clips/%2e%2e%2fstudy.json").status_code == 404


def test_films_and_the_page_are_kept_apart_from_others(client, folder):
    name = read_study(folder).trials[0].name
    film = client.get(f"/clips/{name}.mp4")
    assert film.headers["content-type"] == "video/mp4"
    assert film.content == (folder / "clips" / f"{name}.mp4").read_bytes()
    page = client.get("/")
    assert "Which clip is more realistic?" in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "media-src blob:" in policy
    assert "unsafe" not in policy
    assert client.get("/static/app.js").headers["content-type"].startswith("text/javascript")
    assert client.get("/static/page.py").status_code == 404


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chosen": 2}, "This is no answer: chosen is 0 or 1."),
        ({"trial": "x"}, "a trial that the study does not have"),
        ({"name": "Ann"}, "expected an object with"),
    ],
)
def test_no_answers(client, change, message):
    begun = client.post("/raters").json()
    refused = client.post(f"/raters/{begun['rater']}/answers", json=first_answer(begun, **change))
    assert refused.status_code == 400 and message in refused.json()["message"]


def test_a_side_that_was_not_shown(client):
    begun = client.post("/raters").json()
    sent = first_answer(begun, left=1 - begun["order"][0][1])
    refused = client.post(f"/raters/{begun['rater']}/answers", json=sent)
    assert "saw that pair the other way round" in refused.json()["message"]


def test_bodies_that_are_no_answers(client):
    address = f"/raters/{client.post('/raters').json()['rater']}/answers"
    assert client.post(address, content=b"[" * 4000).status_code == 400
    assert client.post(address, content=b"{").status_code == 400
    assert client.post(address, content=b" " * 5000).status_code == 413


def test_unknown_codes(client):
    assert "Nobody has this code" in client.get("/raters/ABCD2345").json()["message"]
    assert client.post("/raters/ABCD2345/answers", json={}).status_code == 404


def test_other_pages_and_names_are_refused(client):
    assert client.post("/raters", headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 421


def test_filling_the_disk(client, monkeypatch):
    monkeypatch.setattr(server, "_VOTES_PER_TRIAL", 0)
    begun = client.post("/raters").json()
    refused = client.post(f"/raters/{begun['rater']}/answers", json=first_answer(begun))
    assert refused.status_code == 403
    with socket.create_connection((client.base_url.host, client.base_url.port)) as connection:
        lines = f"Host: {client.base_url.host}\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n"
        connection.sendall(f"POST /raters/{begun['rater']}/answers HTTP/1.1\r\n{lines}".encode())
        for _ in range(4):
            time.sleep(0.1)
            connection.sendall(bytes(250))  # it was refused by now, and is taken nevertheless
        assert visitors.answer(connection)[0] == 403
    monkeypatch.setattr(server, "MOST_RATERS", 1)
    assert client.post("/raters").status_code == 503


def test_a_text_of_consent_that_is_being_edited(client, folder):
    text = (folder / "consent.md").read_text()
    (folder / "consent.md").write_text("")
    refused = client.get("/about.json")
    assert refused.status_code == 503 and "consent cannot be read" in refused.json()["message"]
    assert refused.headers["Retry-After"] == "5"
    (folder / "consent.md").write_text(text)
    assert client.get("/about.json").status_code == 200


def test_a_full_disk_is_told(client, monkeypatch):
    begun = client.post("/raters").json()

    def fail(file):
        raise OSError("no space left")

    monkeypatch.setattr("ssagan_jax.reproduce.study.ballots.os.fsync", fail)
    refused = client.post(f"/raters/{begun['rater']}/answers", json=first_answer(begun))
    assert refused.status_code == 507
    assert "cannot save this: no space left" in refused.json()["message"]
    monkeypatch.undo()
    assert client.get(f"/raters/{begun['rater']}").json()["answered"] == {}
