"""Orders against the holders that tickets show."""

from typing import Any

from bson import ObjectId

from cluster.sale.holders import wrong_holders

TICKET, FIRST, SECOND = ObjectId(), ObjectId(), ObjectId()


def order(status: str) -> dict[str, Any]:
    return {"status": status, "ticket": {"id": TICKET}}


def codes(holder: ObjectId | None, **orders: str) -> list[str]:
    names = {"first": FIRST, "second": SECOND}
    found = {names[name]: order(status) for name, status in orders.items()}
    return [each.code for each in wrong_holders(found, {TICKET: str(holder) if holder else None})]


def test_a_ticket_that_is_held_by_its_one_live_order_or_free() -> None:
    assert codes(FIRST, first="complete", second="cancelled") == []
    assert codes(None, first="cancelled") == []
    assert codes(SECOND, first="cancelled") == []  # somebody else's order: nobody here was told of it


def test_two_live_orders_are_one_too_many() -> None:
    assert codes(FIRST, first="complete", second="created") == ["oversold", "order_without_hold"]


def test_a_live_order_must_have_its_ticket() -> None:
    assert codes(None, first="created") == ["order_without_hold"]


def test_an_order_that_is_over_must_have_let_go() -> None:
    assert codes(FIRST, first="cancelled") == ["hold_of_ended_order"]
