"""Every fault at every step of paying, expiring, cancelling and refunding: alone, and in pairs with crashes between."""

from collections.abc import Iterable
from itertools import islice

import pytest

from .faults import KINDS
from .story import story
from .systematic import Plan, pairs, play, singles, steps
from .tally import Tally

TELLING = 1_500
"""From how many schedules on all that can happen must have happened."""

ENOUGH = 5
"""How often each kind of fault must have struck."""

SPENT = 0.8
"""The share of plans of which everything must have struck; the second of a pair may find nothing left to strike."""

ELSEWHERE = ("killed at random", "killed at load before", "killed at load after", "killed at clear before")
BY_CHANCE = (*ELSEWHERE, "killed at send before", "second copy", "paused")
"""What only the random schedules do, or what does the same as a fault beside it."""


def test_a_single_fault_does_no_harm(way: str, plan_tally: Tally) -> None:
    run_all(singles(way), plan_tally)


def test_pairs_do_no_harm(way: str, some_pairs: range, plan_tally: Tally) -> None:
    run_all(islice(pairs(way, some_pairs.stop), some_pairs.start, None), plan_tally)


def test_each_kind_was_put_at_a_step(plan_tally: Tally) -> None:
    if plan_tally.schedules < TELLING:
        pytest.skip(f"{plan_tally.schedules} schedules are too few to tell")
    assert plan_tally.seldom([kind for kind in KINDS if kind not in BY_CHANCE], ENOUGH) == []


def test_what_was_planned_has_struck(plan_tally: Tally) -> None:
    if plan_tally.schedules < TELLING:
        pytest.skip(f"{plan_tally.schedules} schedules are too few to tell")
    assert plan_tally.spent >= SPENT * plan_tally.schedules, "pairs of faults are single ones"


@pytest.mark.parametrize("end", ["complete, payment paid", "cancelled, payment failed", "cancelled, payment refunded"])
def test_every_end_was_met(end: str, plan_tally: Tally) -> None:
    if plan_tally.schedules < TELLING:
        pytest.skip(f"{plan_tally.schedules} schedules are too few to tell")
    assert plan_tally.ends[f"order {end}"] >= plan_tally.schedules // 20


def test_the_steps_of_a_way_are_those_of_a_sale(way: str) -> None:
    places = {step.where for step in steps(way)}
    assert {"commit tickets", "commit orders", "commit payments", "call orders", "call payments", "webhook"} <= places


def run_all(plans: Iterable[Plan], tally: Tally) -> None:
    for plan in plans:
        result = play(plan)
        tally.add(result)
        if result.violation:
            pytest.fail(story(result, str(plan)), pytrace=False)
