"""The raters' page in a real browser."""

import contextlib
import functools
import http.server
import json
import random
import secrets
import threading

import pytest

from ssagan_jax.reproduce import study_report
from ssagan_jax.reproduce.study import exporting, scores
from ssagan_jax.reproduce.study.answers import read_answers
from ssagan_jax.reproduce.study.ballots import read_ballots
from ssagan_jax.reproduce.study.design import NOISE, draw_order
from ssagan_jax.reproduce.study.folder import VOTES, read_study
from tests.helpers.browsers import COLOURS, NAMELESS, TOO_WIDE, check_contrast, luminance
from tests.helpers.studies import COLOURS as SYSTEMS
from tests.helpers.studies import make_study
from tests.helpers.visitors import until

# What a rater sees on each side: the mean red and blue, and how much pixels differ.
SEEN = """() => ["left", "right"].map((side) => {
  const canvas = document.querySelector(`#${side} canvas`);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const of = (channel) => data.filter((_, i) => i % 4 === channel);
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const [red, blue] = [of(0), of(2)];
  return { red: mean(red), blue: mean(blue), spread: Math.max(...red) - Math.min(...red) };
})"""
LEAST = 350  # milliseconds until a pair can be chosen


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_study(tmp_path_factory.mktemp("made"), pairs=3)


def asked(page):
    """Waits until a pair can be chosen."""
    page.wait_for_selector("#left[aria-disabled=false]")
    page.wait_for_timeout(LEAST)


def count(page):
    return page.locator("#count").text_content()


def begin(page):
    page.locator("#begin").click()
    asked(page)
    return page.locator("#rater").text_content().replace(" ", "")


def answers_of(folder, rater):
    return read_ballots(folder / VOTES, read_study(folder).by_name)[0][rater]


def rate(page, choose):
    """Goes through the whole study; ``choose(seen)`` is 0 for the left clip."""
    for number in range(int(page.evaluate("document.getElementById('progress').max"))):
        until(lambda number=number: count(page).startswith(f"Pair {number + 1} of"))
        asked(page)
        page.keyboard.press(("ArrowLeft", "ArrowRight")[choose(page.evaluate(SEEN))])
    page.wait_for_selector("#thanks:visible")


def redder(seen):
    """A rule: the redder clip, never noise."""
    return int(seen[1]["red"] - seen[1]["spread"] > seen[0]["red"] - seen[0]["spread"])


def test_each_side_shows_the_clip_that_the_order_says(serve, made, visit):
    study = read_study(made)
    with serve(made) as address:
        page = visit(address)
        rater = begin(page)
        for shown in draw_order(study.trials, seed=study.seed, rater=rater)[:3]:
            trial = study.by_name[shown.trial]
            sides = trial.halves[shown.left], trial.halves[1 - shown.left]
            for system, seen in zip(sides, page.evaluate(SEEN), strict=True):
                if system == NOISE:
                    assert seen["spread"] > 100
                else:
                    assert abs(seen["red"] - SYSTEMS[system][0]) < 12
                    assert abs(seen["blue"] - SYSTEMS[system][2]) < 12
            page.keyboard.press("1")
            page.wait_for_timeout(50)
            asked(page)
        kept = answers_of(made, rater)
        order = draw_order(study.trials, seed=study.seed, rater=rater)
        until(lambda: len(answers_of(made, rater)) == 3)
        assert all(kept[x.trial].chosen == kept[x.trial].left == x.left for x in order[:3])


def test_touch_keys_and_one_step_back(serve, made, visit):
    with serve(made) as address:
        page = visit(address, "phone")
        rater = begin(page)
        assert page.evaluate(TOO_WIDE) == []
        assert page.locator("#back").is_disabled()
        page.locator("#right").tap()
        until(lambda: count(page) == "Pair 2 of 7")
        page.keyboard.press("Backspace")  # too early: its clips are not there yet
        asked(page)
        page.keyboard.press("Backspace")
        until(lambda: count(page) == "Pair 1 of 7")
        asked(page)
        page.keyboard.press("Backspace")  # once only
        assert count(page) == "Pair 1 of 7" and page.locator("#back").is_disabled()
        page.keyboard.press("ArrowLeft")
        until(lambda: count(page) == "Pair 2 of 7")
        [answer] = answers_of(made, rater).values()
        assert answer.chosen == answer.left and 0.3 < answer.seconds < 60
        page.keyboard.press("2")  # at once: no double tap counts
        asked(page)
        assert count(page) == "Pair 2 of 7"


def test_going_on_by_code(serve, made, visit):
    with serve(made) as address:
        page = visit(address, expected=("404",))
        rater = begin(page)
        page.keyboard.press("ArrowLeft")
        until(lambda: count(page) == "Pair 2 of 7")
        page.reload()
        page.wait_for_selector("#begin:visible")
        assert page.locator("#code").input_value().replace(" ", "") == rater
        other = visit(address, expected=("404",))
        other.locator("#code").fill("XXXX XXXX")
        other.locator("#resume button").click()
        until(lambda: "Nobody has this code" in other.locator("#status").text_content())
        other.locator("#code").fill(f" {rater[:4].lower()}-{rater[4:].lower()} ")
        other.keyboard.press("Enter")
        asked(other)
        assert count(other) == "Pair 2 of 7" and other.locator("#status").text_content() == ""


def test_a_choice_waits_for_the_server(serve, made, visit):
    with serve(made) as address:
        page = visit(address, expected=("ERR_FAILED",))
        rater = begin(page)
        page.route("**/answers", lambda route: route.abort())
        page.keyboard.press("ArrowRight")
        until(lambda: "not saved yet" in page.locator("#status").text_content())
        assert count(page) == "Pair 1 of 7" and answers_of(made, rater) == {}
        page.unroute("**/answers")
        until(lambda: count(page) == "Pair 2 of 7")
        [answer] = answers_of(made, rater).values()
        assert answer.chosen == 1 - answer.left
        assert page.locator("#status").text_content() == ""


def test_less_motion_if_asked(serve, made, visit):
    moving = "[...document.querySelectorAll('canvas')].map((x) => x.toDataURL()).join()"
    with serve(made) as address:
        page = visit(address, reduced_motion="reduce")
        begin(page)
        assert page.locator("#play").text_content() == "Play"
        still = page.evaluate(moving)
        page.wait_for_timeout(200)
        assert page.evaluate(moving) == still
        page.keyboard.press("p")
        assert page.locator("#play").text_content() == "Pause"
        until(lambda: page.evaluate(moving) != still)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_and_fields_have_names(serve, made, visit, scheme):
    with serve(made) as address:
        page = visit(address, color_scheme=scheme)
        seen = page.evaluate(COLOURS)
        begin(page)
        seen += page.evaluate(COLOURS)
        assert len(seen) > 15
        check_contrast(seen)
        assert (luminance(seen[0][2]) < 0.2) == (scheme == "dark")
        assert page.evaluate(NAMELESS) == []
        for name in ("left", "right", "play"):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.id") == name
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@contextlib.contextmanager
def static_host(folder):
    """A plain web host."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_the_exported_page_keeps_answers_and_saves_them(made, visit, tmp_path):
    exporting.export_study(made, tmp_path / "site")
    study = read_study(made)
    with static_host(tmp_path / "site") as address:
        page = visit(address)
        rater = begin(page)
        page.keyboard.press("ArrowLeft")
        until(lambda: count(page) == "Pair 2 of 7")
        page.reload()
        page.wait_for_selector("#begin:visible")
        page.locator("#resume button").click()  # the code is there still
        asked(page)
        assert count(page) == "Pair 2 of 7"
        while not page.locator("#thanks").is_visible():
            if page.locator("#left[aria-disabled=false]").is_visible():
                page.keyboard.press(("ArrowLeft", "ArrowRight")[redder(page.evaluate(SEEN))])
            page.wait_for_timeout(100)
        with page.expect_download() as download:
            page.locator("#save").click()
        assert download.value.suggested_filename == f"answers-{rater}.json"
        download.value.save_as(tmp_path / "answers.json")
    assert set(json.loads((tmp_path / "answers.json").read_text())) == {
        *("schema", "study", "rater", "answers")
    }
    found, answers = read_answers(tmp_path / "answers.json", study)
    assert found == rater and len(answers) == 7
    votes = study_report.list_votes(study, {rater: answers})
    assert sum(vote.chosen == "ssagan" for vote in votes) >= 2  # the first was chosen blindly


@pytest.mark.slow
def test_two_raters_with_known_preferences(serve, visit, tmp_path, monkeypatch):
    """A coin's POS has 500 within its interval, and a rule's is 1,000."""
    seeded = random.Random(1)  # of a coin, one draw in twenty is outside
    monkeypatch.setattr(secrets, "token_hex", lambda count: seeded.randbytes(count).hex())
    monkeypatch.setattr(secrets, "choice", seeded.choice)
    folder = make_study(tmp_path, pairs=15, count=15)
    study = read_study(folder)
    coin = random.Random(1)
    with serve(folder) as address:
        raters = []
        for choose in (lambda _: coin.randrange(2), redder):
            page = visit(address)
            raters.append(begin(page))
            rate(page, choose)
            page.close()
    both, damaged = read_ballots(folder / VOTES, study.by_name)
    assert damaged == 0 and {len(answers) for answers in both.values()} == {len(study.trials)}
    found = []
    for rater in raters:
        votes = study_report.list_votes(study, {rater: both[rater]})
        [preference] = scores.count_preferences(votes)
        assert preference.first == "ssagan" and preference.votes == 15
        found.append(preference)
    low, high = scores.wilson_interval(found[0])
    assert low < 500 < high
    assert found[1].pos == 1000
    output = study_report.score_study(folder)
    text = (output / "scores.md").read_text()
    assert f"| {found[0].wins + 15} of 30 | 2 |" in text
    assert f"| {raters[1]} | {len(study.trials)} of {len(study.trials)} | 0 of 2 | 0 of 2 |" in text
