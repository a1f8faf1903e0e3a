"""Tickets and orders that stream by, brought together."""

from collections.abc import Iterator

from bson import ObjectId

from cluster.audit.facts import Order, Ticket
from cluster.audit.pairing import paired

from .facts import order_of

IDS = [ObjectId(f"{n:024x}") for n in range(6)]


def orders(*of: int) -> list[Order]:
    return [order_of(ticket_id=IDS[n]) for n in of]


def tickets(*of: int) -> list[Ticket]:
    return [Ticket(id=IDS[n], price=1) for n in of]


def shape(on_sale: list[Ticket], ordered: list[Order]) -> list[tuple[int, bool, int]]:
    return [(IDS.index(key), ticket is not None, len(found)) for key, ticket, found in paired(on_sale, ordered)]


def test_every_ticket_comes_with_its_orders() -> None:
    found = shape(tickets(1, 2, 4), orders(1, 1, 4))
    assert found == [(1, True, 2), (2, True, 0), (4, True, 1)]


def test_orders_of_no_ticket_come_alone_wherever_they_lie() -> None:
    found = shape(tickets(1, 4), orders(0, 1, 2, 3, 3, 5))
    assert found == [(0, False, 1), (1, True, 1), (2, False, 1), (3, False, 2), (4, True, 0), (5, False, 1)]


def test_nothing_is_nothing() -> None:
    assert shape([], []) == []
    assert shape([], orders(3)) == [(3, False, 1)]


def test_no_more_is_read_than_is_needed() -> None:
    def endless() -> Iterator[Ticket]:
        n = 0
        while True:
            yield Ticket(id=ObjectId(f"{n:024x}"), price=1)
            n += 1

    pairs = paired(endless(), orders(1))
    assert [len(next(pairs)[2]) for _ in range(3)] == [0, 1, 0]
