"""Many tickets and open orders, put straight into MongoDB as the system itself would have stored them."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from actors.contract import TICKETS, Address, CreateTicket, Reserve
from actors.expiration import ExpirationBehaviour
from actors.order import OrderBehaviour
from actors.payment import PaymentBehaviour
from actors.runtime.codec import Document
from actors.ticket import TicketBehaviour
from serve_app.operation import fresh
from tests.benchmarks.long.paper import PaperOffice

BATCH = 1_000
"""Stories in one insert."""

Progress = Callable[[int], None]
"""Told how many are stored."""

Tell = Callable[[PaperOffice, int], None]
"""Tells the story of the ticket with this number."""


class Seeds:
    """Writes stories of tickets; every order has `window` to be paid."""

    def __init__(self, database: Database[Document], window: timedelta) -> None:
        """Write into `database`, where nobody knows the new actors yet."""
        self._database = database
        rules: list[Any] = [TicketBehaviour(), OrderBehaviour(window), ExpirationBehaviour(), PaymentBehaviour()]
        self._behaviours = {each.service: each for each in rules}

    def open_orders(self, count: int, now: datetime, told: Progress) -> list[ObjectId]:
        """`count` tickets that were listed and reserved at `now`, with their orders, timers and payments; their ids."""
        return self._write(count, lambda office, n: reserved(office, n, now), told)

    def _write(self, count: int, tell: Tell, told: Progress) -> list[ObjectId]:
        ids: list[ObjectId] = []
        for numbers in _batches(count):
            office = PaperOffice(self._behaviours)
            for n in numbers:
                tell(office, n)
            documents = office.documents()
            for service, found in documents.items():
                self._database[service].insert_many(found, ordered=False)
            ids += [each["_id"] for each in documents[TICKETS]]
            told(len(ids))
        return ids


def listed(office: PaperOffice, n: int, now: datetime) -> Address:
    """Somebody lists a ticket."""
    wish = CreateTicket(user_id=ObjectId(), title=f"seat {n}", price=1999)
    operation = fresh()
    ticket = Address(service=TICKETS, key=operation.new_id)
    office.tell(ticket, wish, operation.op, now)
    return ticket


def reserved(office: PaperOffice, n: int, now: datetime) -> None:
    """Somebody lists a ticket and somebody else reserves it."""
    ticket, operation = listed(office, n, now), fresh()
    office.tell(ticket, Reserve(order_id=operation.new_id, user_id=ObjectId()), operation.op, now)


def _batches(count: int) -> Iterator[range]:
    return (range(first, min(first + BATCH, count)) for first in range(0, count, BATCH))
