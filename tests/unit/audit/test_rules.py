"""The rules of holds: each violation planted, and the books in order."""

from dataclasses import replace
from datetime import timedelta

import pytest
from bson import ObjectId

from cluster.audit.facts import File
from cluster.audit.rules import violations

from .facts import GRACE, NOW, file_of, held, order_of, paid, sold


def codes(file: File) -> list[str]:
    return [each.code for each in violations(file, NOW, GRACE)]


def free() -> File:
    order = order_of(status="cancelled")
    return file_of(order, hold=None)


@pytest.mark.parametrize("file", [held(), sold(), free()])
def test_books_in_order_break_no_rule(file: File) -> None:
    assert codes(file) == []


def test_two_live_orders_are_oversold_and_both_are_named() -> None:
    file = file_of(order_of(2), order_of(1))
    found = {each.code: each for each in violations(file, NOW, GRACE)}
    assert set(found) == {"oversold", "order_without_hold"}
    names = {f"tickets/{file.ticket_id}", *(f"orders/{each.id}" for each in file.orders)}
    assert set(found["oversold"].documents) == names


def test_a_hold_whose_order_does_not_exist() -> None:
    assert codes(replace(held(), orders=held().orders[1:])) == ["hold_without_order", "order_missing"]


def test_a_hold_of_an_order_for_another_ticket() -> None:
    file, other = held(), order_of()
    assert file.ticket and file.ticket.hold
    hold = replace(file.ticket.hold, order_id=other.id)
    [_, found] = violations(replace(file, ticket=replace(file.ticket, hold=hold), stranger=other), NOW, GRACE)
    assert found.code == "hold_of_other_ticket"
    assert found.documents == (f"tickets/{file.ticket_id}", f"orders/{other.id}", f"tickets/{other.ticket_id}")


def test_a_hold_whose_order_is_over() -> None:
    assert codes(file_of(order_of(status="cancelled"))) == ["hold_of_ended_order"]


@pytest.mark.parametrize("change", [{"user_id": ObjectId()}, {"number": 7}])
def test_a_hold_that_speaks_of_another_grant(change: dict[str, object]) -> None:
    file = held()
    assert file.ticket and file.ticket.hold
    hold = replace(file.ticket.hold, **change)  # type: ignore[arg-type]
    assert "hold_differs" in codes(replace(file, ticket=replace(file.ticket, hold=hold)))


@pytest.mark.parametrize(("holds", "others"), [(1, ["hold_number_ahead"]), (3, ["order_missing"])])
def test_a_hold_that_is_not_the_last_one_granted(holds: int, others: list[str]) -> None:
    assert codes(held(holds=holds)) == ["hold_number_differs", *others]


@pytest.mark.parametrize("file", [held(price=1), sold(price=1)])
def test_a_ticket_held_or_sold_at_another_price_than_its_order_says(file: File) -> None:
    [found] = violations(file, NOW, GRACE)
    assert (found.code, found.documents[0]) == ("price_differs", f"tickets/{file.ticket_id}")


def test_a_free_ticket_may_cost_anything_now() -> None:
    assert codes(file_of(order_of(status="cancelled"), hold=None, price=1)) == []


def test_a_live_order_whose_ticket_is_free() -> None:
    assert codes(held(hold=None)) == ["order_without_hold"]


def test_orders_of_no_ticket() -> None:
    [first, second] = violations(replace(held(), ticket=None), NOW, GRACE)
    assert {first.code, second.code} == {"order_without_ticket"}


def test_sold_to_nobody() -> None:
    assert codes(file_of(order_of(status="cancelled"), hold=None, sold=True)) == ["sold_to_nobody"]


def test_sold_before_it_was_paid() -> None:
    assert codes(held(sold=True)) == ["sold_unpaid"]


def test_paid_and_not_sold() -> None:
    assert codes(sold(sold=False)) == ["paid_unsold"]


def test_one_hold_for_two_orders() -> None:
    assert codes(file_of(order_of(1), order_of(1, status="cancelled"))) == ["hold_number_repeated"]


def test_a_hold_that_was_never_granted() -> None:
    assert codes(held(holds=1, hold=None)) == ["order_without_hold", "hold_number_ahead"]


def test_a_hold_of_the_past_whose_order_does_not_exist() -> None:
    first, second, third = (order_of(number, status="cancelled") for number in (1, 2, 3))
    assert codes(file_of(third, second, first, hold=None)) == []
    [found] = violations(file_of(third, first, hold=None), NOW, GRACE)
    assert (found.code, found.documents) == ("order_missing", (f"tickets/{third.ticket_id}",))
    assert found.sentence == "It has granted 3 holds, and the orders that exist had 2 of them."


def test_an_order_that_late_money_gave_a_further_hold_had_two() -> None:
    late = order_of(3, further_holds=1, status="complete", payment="paid")
    other = order_of(2, status="cancelled")
    assert codes(file_of(late, other, payments=(paid(late),))) == []
    assert codes(file_of(late, payments=(paid(late),))) == ["order_missing"]
    uncounted = replace(late, further_holds=None)
    assert codes(file_of(uncounted, payments=(paid(late),))) == [], "an earlier version did not count"


def test_an_order_that_counts_a_hold_too_many() -> None:
    """It would hide an order that gets lost."""
    first, second = order_of(1, status="cancelled", further_holds=1), order_of(2, status="cancelled")
    assert codes(file_of(second, first, hold=None)) == ["hold_number_differs"]


def test_an_order_younger_than_what_its_ticket_was_read_as_proves_nothing_older() -> None:
    young = order_of(3)
    known = file_of(order_of(2, status="cancelled"), young, hold=None)
    assert "order_missing" in codes(known)
    whole = file_of(order_of(2, status="cancelled"), order_of(1, status="cancelled"), young, hold=None)
    assert "order_missing" not in codes(whole)


@pytest.mark.parametrize(("late_s", "found"), [(-1, []), (29, []), (31, ["hold_overdue"])])
@pytest.mark.parametrize("status", ["created", "awaiting:payment"])
def test_a_hold_ends_in_time_or_within_the_grace(late_s: int, found: list[str], status: str) -> None:
    file = file_of(order_of(status=status, expires_at=NOW - timedelta(seconds=late_s)))
    assert codes(file) == found


def test_what_is_paid_is_never_overdue() -> None:
    file = sold()
    [order] = file.orders
    assert codes(replace(file, orders=(replace(order, expires_at=NOW - timedelta(days=9)),))) == []
