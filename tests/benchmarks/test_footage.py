import numpy as np
import pytest

from benchmarks import footage, made_films
from tests.helpers import scenes


@pytest.fixture(scope="module")
def film():
    one, other = scenes.scene(1, 40), scenes.scene(11, 40)
    good = np.ones(80, bool)
    return made_films.Film(np.concatenate([one, other]), [(39, 40)], good)


def test_what_is_found_is_counted(film):
    seen = footage.measure(footage.looks(film.frames))
    assert footage.count_cuts(film, seen) == {"found": 1, "made up": 0}
    assert footage.count_frames(film, seen) == {"found": 80, "made up": 0, "missed": 0}


def test_what_is_missed_and_made_up_is_counted(film):
    seen = footage.measure(footage.looks(film.frames))
    film = made_films.Film(film.frames, [(10, 11), (20, 30)], film.good & (np.arange(80) < 60))
    assert footage.count_cuts(film, seen) == {"missed": 2, "made up": 1}
    assert footage.count_frames(film, seen) == {"found": 60, "made up": 20, "missed": 0}


def test_a_row():
    counts = footage.Counter({"found": 90, "made up": 10, "missed": 30})
    assert footage.report("cuts", counts) == "| cuts | 120 | 0.900 | 0.750 |"


@pytest.mark.slow
def test_cuts_and_still_stretches_of_some_films():
    numbers = [6, 7, 10, 11, 14, 17]
    cuts, frames = footage.Counter(), footage.Counter()
    for seed in range(3000, 3005):
        film = made_films.film(seed, scenes=numbers)
        assert len(film.good) == len(film.frames)
        seen = footage.measure(footage.looks(film.frames))
        cuts += footage.count_cuts(film, seen)
        frames += footage.count_frames(film, seen)
    for counts, least in ((cuts, 0.9), (frames, 0.85)):
        assert counts["found"] > least * (counts["found"] + counts["made up"])
        assert counts["found"] > least * (counts["found"] + counts["missed"])
