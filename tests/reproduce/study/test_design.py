"""Trials and orders: balanced, drawn by a seed, and saying nothing by themselves."""

from collections import Counter

import pytest

from ssagan_jax.reproduce.study import design
from ssagan_jax.reproduce.study.design import AGAIN, NOISE, PAIR

CLIPS = {system: [f"photo{i}" for i in range(50)] for system in ("a", "b", "real")}


def drawn(count=40, seed=0, clips=CLIPS):
    most = design.count_trials(len(clips), count)
    names = [f"{(i * 7919 + 13) % 65536:04x}" for i in range(most)]
    return design.draw_trials(clips, count=count, seed=seed, names=names)


def test_each_two_systems_are_compared_equally_often_on_different_clips():
    pairs = [trial for trial in drawn() if trial.kind == PAIR]
    counts = Counter(frozenset(trial.halves) for trial in pairs)
    assert counts == {frozenset(x): 40 for x in (("a", "b"), ("a", "real"), ("b", "real"))}
    assert len({(trial.pair, frozenset(trial.halves)) for trial in pairs}) == len(pairs)
    firsts = Counter(trial.halves for trial in pairs)
    assert set(firsts.values()) == {20}


def test_catch_trials():
    trials = drawn()
    kinds = Counter(trial.kind for trial in trials)
    assert kinds == {PAIR: 120, NOISE: 6, AGAIN: 6}
    assert len(trials) == design.count_trials(3, 40)
    by_name = {trial.name: trial for trial in trials}
    for trial in trials:
        if trial.kind == AGAIN:
            first = by_name[trial.of]
            assert first.kind == PAIR and trial.halves == first.halves[::-1]
            assert trial.pair == first.pair
        if trial.kind == NOISE:
            assert NOISE in trial.halves and set(trial.halves) & set(CLIPS)
    assert Counter(t.kind for t in drawn(1, clips={"a": ["x"], "b": ["x"]})) == {
        **{PAIR: 1, NOISE: 1, AGAIN: 1}
    }


def test_trials_come_by_their_random_names_and_repeat_by_seed():
    trials = drawn()
    assert [x.name for x in trials] == sorted(x.name for x in trials)
    assert drawn() == trials != drawn(seed=1)


@pytest.mark.parametrize("rater", ["one", "two", "three"])
def test_an_order_shows_every_trial_once_with_balanced_sides(rater):
    trials = drawn()
    by_name = {trial.name: trial for trial in trials}
    order = design.draw_order(trials, seed=0, rater=rater)
    assert sorted(x.trial for x in order) == sorted(by_name)
    on_left = {x.trial: by_name[x.trial].halves[x.left] for x in order}
    pairs = [x for x in trials if x.kind == PAIR]
    lefts = Counter((frozenset(x.halves), on_left[x.name]) for x in pairs)
    assert set(lefts.values()) == {20}
    place = {x.trial: i for i, x in enumerate(order)}
    for trial in trials:
        if trial.kind == AGAIN:
            assert on_left[trial.name] != on_left[trial.of]  # swapped
            assert place[trial.of] < len(order) / 2 < place[trial.name] + 1


def test_each_rater_has_an_order_of_their_own_always_the_same():
    trials = drawn()
    one = design.draw_order(trials, seed=0, rater="one")
    assert one == design.draw_order(trials, seed=0, rater="one")
    assert one != design.draw_order(trials, seed=0, rater="two")
    assert one != design.draw_order(trials, seed=1, rater="one")


def test_too_few_clips():
    clips = {"a": ["x", "y", "z"], "b": ["y", "z", "w"]}
    with pytest.raises(
        ValueError, match=r"3 pairs were asked for, but a and b have only 2 clips of .*--pairs=2"
    ):
        drawn(3, clips=clips)
    with pytest.raises(ValueError, match=r"have no clips of the same name, such as x and w\."):
        drawn(1, clips={"a": ["x"], "b": ["w"]})
    with pytest.raises(ValueError, match="--pairs is 0; expected"):
        drawn(0)
