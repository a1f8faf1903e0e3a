"""The crowd: as many of each kind as the shares say, and nobody's key twice."""

from collections import Counter
from dataclasses import replace

from cluster.sale.buyer import crowd
from cluster.sale.plan import Plan

PLAN = Plan(buyers=4000, tickets=10, shares=(3, 1, 0, 1), repeat=0.5, think_s=0)


def test_shares_are_kept_whatever_they_add_up_to() -> None:
    wishes = Counter(each.wish for each in crowd(PLAN))
    assert wishes["abandon"] == 0
    assert 2250 < wishes["pay"] < 2550
    assert 650 < wishes["decline"] < 950


def test_every_ticket_is_wanted_and_every_key_is_new() -> None:
    first, second = crowd(PLAN), crowd(PLAN)
    assert {each.ticket for each in first} == set(range(10))
    assert len({each.key for each in first + second}) == 8000
    assert 1800 < sum(each.repeats for each in first) < 2200


def test_the_seed_decides_but_for_the_keys() -> None:
    def without_keys(plan: Plan) -> list[object]:
        return [replace(each, key="") for each in crowd(plan)]

    assert without_keys(PLAN) == without_keys(PLAN)
    assert without_keys(PLAN) != without_keys(replace(PLAN, seed=2))


def test_who_thinks_thinks_about_as_long_as_asked() -> None:
    thoughts = [each.think_s for each in crowd(replace(PLAN, think_s=2.0))]
    assert 1.8 < sum(thoughts) / len(thoughts) < 2.2
    assert not any(each.think_s for each in crowd(PLAN))
