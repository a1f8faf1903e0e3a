"""The simulation finds bugs: each of these is planted alone, and must be found in so many schedules at the most."""

from collections.abc import Iterator
from typing import Any

import pytest

from .money_mutations import MONEY_MUTATIONS
from .mutations import MUTATIONS
from .schedule import Result, run
from .systematic import Plan, pairs, play, singles, steps
from .ways import WAYS

ALL = {**MUTATIONS, **MONEY_MUTATIONS}

SCHEDULES_MAX = 400
MORE = {"refresh_strands_acknowledgements": 2_000, "hold_numbers_are_ignored": 2_000, "claims_outlive_the_money": 800}
"""Where a rare coincidence is needed."""

BEGIN = {"hold_numbers_are_ignored": 560}
"""A seed to begin with, where that saves minutes."""

WAY = {
    "orphans_speak": "pay_while_expiring",
    "refund_without_looking": "late_money_too_late",
    "late_refunds_are_tried_once": "late_money_too_late",
    "a_part_is_all": "late_money_too_late",
    "changes_wait_for_no_lease": "late_money_too_late",
    "dead_is_dead": "late_money",
    "money_takes_any_ticket": "late_money_too_late",
    "claims_outlive_the_money": "late_money_given_back",
}
"""Where a way leads to the bug at once."""

FAULT = {
    "orphans_speak": "page lapses",
    "refund_without_looking": "stripe 500 after",
    "late_refunds_are_tried_once": "refund fails",
    "a_part_is_all": "part refunded by hand",
}
"""What must go wrong on that way first: by chance one pair in hundreds would begin with it."""

SOON = 8
"""How many steps later the second thing goes wrong at the most."""

BREAKDOWNS = ("TypeError", "AttributeError", "NameError", "AssertionError", "unexpected keyword", "positional argument")


@pytest.mark.parametrize("name", ALL)
def test_the_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for way in WAYS:
        steps(way)  # as they are without the bug; they are computed once
    ALL[name](monkeypatch)
    assert any(is_found(result) for result in schedules(name)), f"{name} is not found"


def is_found(result: Result) -> bool:
    """Whether a rule was broken; that the planted code itself is out of date and breaks down is no finding."""
    return result.violation is not None and not any(each in result.violation for each in BREAKDOWNS)


def schedules(name: str) -> Iterator[Result]:
    """The schedules to look in, one after the other."""
    most = MORE.get(name, SCHEDULES_MAX)
    if name not in WAY:
        begin = BEGIN.get(name, 0)
        yield from (run(seed) for seed in range(begin, begin + most))
        return
    way = WAY[name]
    yield play(Plan(way))
    focus: dict[str, Any] = {"begin": FAULT[name], "near": SOON} if name in FAULT else {}
    yield from (play(plan) for plan in (*pairs(way, most // 2, **focus), *singles(way))[:most])
