"""A load is compared with what is stored, order by order: a count could be right by chance."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from bson import ObjectId

from tests.benchmarks.family import Family
from tests.benchmarks.proof import lost, prove
from tests.benchmarks.sides import Side
from tests.benchmarks.wrk import Load, LoadError

TICKETS = [ObjectId() for _ in range(3)]


class Orders:
    """A collection that answers `$in` on the id or the ticket."""

    def __init__(self, *tickets: ObjectId) -> None:
        self.documents = [{"_id": ObjectId(), "ticket": {"id": each}} for each in tickets]

    @property
    def ids(self) -> list[str]:
        return [str(each["_id"]) for each in self.documents]

    def find(self, query: dict[str, Any], _fields: object) -> Iterator[dict[str, Any]]:
        if "_id" in query:
            return (each for each in self.documents if each["_id"] in query["_id"]["$in"])
        return (each for each in self.documents if each["ticket"]["id"] in query["ticket.id"]["$in"])


def side(orders: Orders) -> Side:
    database: Any = {"orders": orders}
    return Side("ours", "", Family(list), lambda _: [], lambda: None, database)


def load(granted: Sequence[str]) -> Load:
    answers = {"201": len(granted)}
    return Load(rate=1, answers=answers, p50_ms=1, p99_ms=1, max_ms=1, cpu_s=0, granted=granted)


def check(orders: Orders, granted: Iterable[str], under_way: int = 0) -> None:
    prove(side(orders), [str(each) for each in TICKETS], load(list(granted)), under_way=under_way)


def test_what_was_told_is_stored() -> None:
    orders = Orders(*TICKETS)
    check(orders, orders.ids)


def test_an_order_more_does_not_make_up_for_one_that_is_lost() -> None:
    orders = Orders(*TICKETS)
    granted = [*orders.ids[:2], str(ObjectId())]
    with pytest.raises(LoadError, match="3 answers of 201, 3 orders of 3 tickets, 1 lost, 1 that nobody was told of"):
        check(orders, granted, under_way=1)


def test_orders_of_requests_that_were_under_way_may_be_stored() -> None:
    orders = Orders(*TICKETS)
    check(orders, orders.ids[:2], under_way=1)
    with pytest.raises(LoadError, match="1 that nobody was told of"):
        check(orders, orders.ids[:2])


def test_a_ticket_with_two_orders_is_found() -> None:
    orders = Orders(TICKETS[0], TICKETS[0])
    with pytest.raises(LoadError, match="2 orders of 1 tickets"):
        check(orders, orders.ids)


def test_lost_orders_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.benchmarks.seeding.BATCH", 2)
    orders, gone = Orders(*TICKETS), str(ObjectId())
    database: Any = {"orders": orders}
    assert lost(database, [*orders.ids, gone]) == [gone]
    assert lost(database, orders.ids) == []
