"""How long holds lasted against what was promised. Asked at 10 s, made at 11 s, told at 12 s, for 900 s."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from cluster.sale.lasting import ended_early, expires_s, overdue, overlapping, span
from cluster.sale.promise import Promise

from .promises import promise, stored

CANCELLED = {"status": "cancelled"}


def without_created(order: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in order.items() if name != "createdAt"}


def test_mongodb_says_how_long_an_order_lasts_and_no_clocks_are_compared() -> None:
    mine = promise(left_s=-5_000.0)  # this machine's clock is more than an hour fast
    assert expires_s(mine, stored(mine)) == (909.0, 912.0)  # no earlier than asked for, no later than told


def test_by_the_api_alone_the_clocks_may_differ_by_half_a_minute() -> None:
    mine = promise()
    assert expires_s(mine, without_created(stored(mine))) == expires_s(mine, None) == (878.0, 943.0)


@pytest.mark.parametrize(
    ("told", "is_stored", "read_s", "is_early"),
    [
        ({}, {}, 20.0, False),
        ({}, CANCELLED, 20.0, True),
        ({}, CANCELLED, 908.0, True),
        ({}, CANCELLED, 909.0, False),
        ({"ended_s": 13.0, "abandoned": True}, CANCELLED, 2_000.0, True),  # a buyer heard that he was late
        ({"ended_s": 910.0, "abandoned": True}, CANCELLED, 2_000.0, False),
        ({"gave_back_s": 20.0}, CANCELLED, 25.0, False),  # he cancelled it, and never heard whether that worked
        ({"gave_back_s": 20.0}, CANCELLED, 19.0, True),
    ],
)
def test_an_order_that_was_over_before_its_time(
    told: dict[str, Any], is_stored: dict[str, Any], read_s: float, is_early: bool
) -> None:
    mine = promise(**told)
    assert bool(ended_early(mine, stored(mine, **is_stored), read_s)) is is_early


@pytest.mark.parametrize("status", ["created", "awaiting:payment"])
def test_an_order_that_is_unpaid_after_its_time_and_the_grace(status: str) -> None:
    mine = promise()
    found = [overdue(mine, stored(mine, status=status), read_s, grace_s=30) for read_s in (900, 942, 943)]
    assert found == [None, None, f"It is {status} 31 s after it should have been paid or released."]
    assert overdue(mine, stored(mine, **CANCELLED), 9_999, grace_s=30) is None


def pairs(*promises: Promise) -> list[tuple[ObjectId, ObjectId]]:
    return [(a.order_id, b.order_id) for a, b in overlapping(span(each, stored(each)) for each in promises)]


def later(told: Promise, by_s: float, **changes: Any) -> Promise:
    """Somebody else's order for the same ticket, `by_s` seconds later."""
    moved = {"asked_s": told.asked_s + by_s, "told_s": told.told_s + by_s}
    expires_at = told.expires_at + timedelta(seconds=by_s)
    return replace(told, **{"order_id": ObjectId(), "expires_at": expires_at, **moved, **changes})


def test_a_ticket_that_is_granted_anew_before_it_was_free_was_promised_twice() -> None:
    first = promise(abandoned=True)
    assert pairs(first, second := later(first, 20)) == [(first.order_id, second.order_id)]
    assert pairs(second, first) == [(first.order_id, second.order_id)]


def test_one_after_the_other_is_how_tickets_are_sold() -> None:
    first = promise(abandoned=True)
    assert pairs(first, later(first, 900)) == []
    given_back = promise(gave_back_s=13.0)
    assert pairs(given_back, later(given_back, 2)) == []


def test_who_has_paid_has_it_for_good() -> None:
    first = promise(paid_s=50.0, paid_with="pi_1")
    assert pairs(first, later(first, 9_000)) != []
    assert pairs(first, later(promise(), 1, gave_back_s=14.0)) != []


def test_late_money_counts_from_when_it_was_there() -> None:
    late, between = promise(paid_s=950.0, paid_with="pi_1"), later(promise(), 901, gave_back_s=920.0)
    assert pairs(late, between) == []
    assert pairs(late, later(promise(), 941)) != []


def test_a_long_promise_overlaps_with_every_later_one() -> None:
    first = promise(paid_s=50.0, paid_with="pi_1")
    second, third = later(first, 20, gave_back_s=40.0), later(first, 60, gave_back_s=80.0)
    assert pairs(third, first, second) == [(first.order_id, second.order_id), (first.order_id, third.order_id)]
