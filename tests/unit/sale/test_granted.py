"""Orders and ids in answers, and answers that have none."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId

from cluster.sale.granted import Granted, read_id, read_order

ORDER, TICKET = ObjectId(), ObjectId()
GRANTED = {
    "id": str(ORDER),
    "version": 0,
    "expiresAt": "2030-01-01T00:00:00.000Z",
    "ticket": {"id": str(TICKET), "price": 19.99},
}
WRONG: list[dict[str, object]] = [
    *({"id": found} for found in (None, "nope", 7)),
    *({"version": found} for found in (None, "0", True)),
    *({"expiresAt": found} for found in (None, "soon", "2030-01-01", "2030-01-01T00:00:00", 1893456000)),
    *(
        {"ticket": found}
        for found in (None, [], {"id": str(TICKET)}, {"id": str(TICKET), "price": "dear"}, {"price": 20})
    ),
    *({"ticket": {"id": str(TICKET), "price": price}} for price in (None, float("inf"), float("nan"))),
]
"""What makes an order none. Python reads the last two prices from JSON."""


def test_an_order_is_read_whole() -> None:
    ends = datetime(2030, 1, 1, tzinfo=UTC)
    found = Granted(order_id=ORDER, ticket_id=TICKET, version=0, price=1999, expires_at=ends)
    assert read_order(GRANTED) == found
    assert read_order(GRANTED | {"ticket": {"id": str(TICKET), "price": 20}, "more": None}) is not None


@pytest.mark.parametrize("name", GRANTED)
def test_an_order_of_which_something_is_left_out_is_none(name: str) -> None:
    assert read_order({each: GRANTED[each] for each in GRANTED if each != name}) is None


@pytest.mark.parametrize("wrong", WRONG)
def test_an_order_that_is_told_in_another_way_is_none(wrong: dict[str, object]) -> None:
    assert read_order(GRANTED | wrong) is None


def test_an_id_is_one_or_none() -> None:
    assert read_id(GRANTED) == ORDER
    assert read_id({"orderId": str(ORDER)}, "orderId") == ORDER
    assert [read_id(each) for each in ({}, {"id": None}, {"id": "nope"}, {"id": 7})] == [None] * 4
