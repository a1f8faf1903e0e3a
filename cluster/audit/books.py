"""What MongoDB holds, read from the primary with majority: whole collections streamed, or a few documents again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from bson import ObjectId
from msgspec import Struct
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from actors.contract import ORDERS, PAYMENTS, SERVICES, TICKETS
from cluster.audit.facts import Hold, Order, Ticket

Document = dict[str, Any]
T = TypeVar("T")

BATCH = 1_000
TICKET = {"sold": 1, "hold": 1, "holdNumber": 1}
ORDER = {
    "ticket.id": 1,
    "ticket.price": 1,
    "userId": 1,
    "status": 1,
    "holdNumber": 1,
    "expiresAt": 1,
    "payment.status": 1,
}


class ForeignDocument(Exception):
    """A document that this version of Box Office cannot have written: `collection/id`."""


class Attempt(Struct, frozen=True):
    """One try at paying, by the payments service's own books."""

    order_id: ObjectId
    stripe_id: str
    returning: bool
    """Its money is being given back."""


class Books:
    """The collections of one database; its client must be `tz_aware`."""

    def __init__(self, database: Database[Document]) -> None:
        """Read from `database`."""
        self._database = database

    def tickets(self, ids: Sequence[ObjectId] | None = None) -> Iterator[Ticket]:
        """These tickets, or all of them, ascending by id.

        Raises:
            ForeignDocument: one of them is none of ours.
        """
        condition = {} if ids is None else {"_id": {"$in": list(ids)}}
        found = self._of(TICKETS).find(condition, TICKET, batch_size=BATCH).sort("_id", 1)
        return read(TICKETS, ticket_of, found)

    def orders(self, ticket_ids: Sequence[ObjectId] | None = None) -> Iterator[Order]:
        """The orders of these tickets, or all of them, ascending by ticket id; sorted on disk where there are many.

        Raises:
            ForeignDocument: one of them is none of ours.
        """
        condition = {} if ticket_ids is None else {"ticket.id": {"$in": list(ticket_ids)}}
        order = {"ticket.id": 1, "holdNumber": 1}
        steps: list[Document] = [{"$match": condition}, {"$project": ORDER}, {"$sort": order}]
        return read(ORDERS, order_of, self._of(ORDERS).aggregate(steps, allowDiskUse=True, batchSize=BATCH))

    def attempts(self, order_ids: Sequence[ObjectId]) -> Iterator[Attempt]:
        """All attempts at paying for these orders that Stripe knows of."""
        condition = {"_id": {"$in": list(order_ids)}, "attempt": {"$exists": True}}
        for document in self._of(PAYMENTS).find(condition, {"attempt": 1, "past": 1}):
            for attempt in (document["attempt"], *document.get("past", ())):
                if stripe_id := attempt.get("stripeId"):
                    yield Attempt(document["_id"], stripe_id, attempt["phase"] == "refunding")

    def existing(self, order_ids: Sequence[ObjectId]) -> set[ObjectId]:
        """Those of the orders that exist."""
        return {each["_id"] for each in self._of(ORDERS).find({"_id": {"$in": list(order_ids)}}, {"_id": 1})}

    def undelivered(self, before: datetime, service: str, keys: Sequence[object] | None = None) -> Iterator[Document]:
        """A service's documents, or these of them, with news from `before` that somebody has not acknowledged."""
        condition: Document = {"outbox.at": {"$lt": before}}
        if keys is not None:
            condition["_id"] = {"$in": list(keys)}
        return iter(self._of(service).find(condition, {"outbox.id": 1, "outbox.at": 1}, batch_size=BATCH))

    def _of(self, service: str) -> Collection[Document]:
        assert service in SERVICES, f"{service} is no service"
        return self._database.get_collection(service, read_concern=ReadConcern("majority"))


def read(service: str, facts_of: Callable[[Document], T], documents: Iterable[Document]) -> Iterator[T]:
    """The facts in each document.

    Raises:
        ForeignDocument: a field is missing or of another kind.
    """
    for document in documents:
        try:
            yield facts_of(document)
        except (KeyError, TypeError, AttributeError) as error:
            raise ForeignDocument(f"{service}/{document['_id']}") from error


def ticket_of(document: Document) -> Ticket:
    """The facts in a ticket's snapshot."""
    held = document.get("hold")
    hold = Hold(order_id=held["orderId"], user_id=held["userId"], number=held["holdNumber"]) if held else None
    return Ticket(id=document["_id"], sold=document["sold"], hold=hold, holds=document["holdNumber"])


def order_of(document: Document) -> Order:
    """The facts in an order's snapshot."""
    return Order(
        id=document["_id"],
        ticket_id=document["ticket"]["id"],
        user_id=document["userId"],
        status=document["status"],
        hold_number=document["holdNumber"],
        price=document["ticket"]["price"],
        expires_at=document["expiresAt"],
        payment=document.get("payment", {}).get("status"),
    )
