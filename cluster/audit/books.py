"""What MongoDB holds, read from the primary with majority: whole collections streamed, or a few documents again."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

from bson import ObjectId
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from actors.contract import ORDERS, PAYMENTS, SERVICES, TICKETS
from actors.runtime.partition_record import RECORD
from cluster.audit.batches import batches
from cluster.audit.facts import UNPAID, Account, Attempt, Order, Sale, Ticket
from cluster.audit.snapshots import (
    ACCOUNT,
    ORDER,
    PAYMENT,
    TICKET,
    Document,
    account_of,
    attempts_of,
    order_of,
    read,
    ticket_of,
)

BATCH = 1_000
IDS_MAX = 10_000
"""Ids in one query: a command has 16 MiB at most."""


class Books:
    """The collections of one database; its client must be `tz_aware`."""

    def __init__(self, database: Database[Document]) -> None:
        """Read from `database`."""
        self._database = database

    def is_office(self) -> bool:
        """Whether a Box Office ever ran here: before all else it records its partition map."""
        return self._database.get_collection("office").find_one({"_id": RECORD}, {"_id": 1}) is not None

    def now(self) -> datetime:
        """What time it is where the books are kept.

        Raises:
            pymongo.errors.PyMongoError: nobody answers there.
        """
        said = self._database.command("hello", codec_options=self._database.codec_options)
        found: datetime = said["localTime"]
        return found

    def tickets(self, ids: Sequence[ObjectId] | None = None) -> Iterator[Ticket]:
        """These tickets, or all of them, ascending by id.

        Raises:
            ForeignDocument: one of them is none of ours.
        """
        condition = {} if ids is None else {"_id": {"$in": list(ids)}}
        found = self._of(TICKETS).find(condition, TICKET, batch_size=BATCH).sort("_id", 1)
        return read(TICKETS, ticket_of, found)

    def orders(self) -> Iterator[Order]:
        """All orders, ascending by ticket id; sorted on disk where there are many.

        Raises:
            ForeignDocument: one of them is none of ours.
        """
        steps: list[Document] = [{"$project": ORDER}, {"$sort": {"ticket.id": 1, "holdNumber": 1}}]
        return read(ORDERS, order_of, self._of(ORDERS).aggregate(steps, allowDiskUse=True, batchSize=BATCH))

    def orders_again(self, ids: Sequence[ObjectId]) -> Iterator[Order]:
        """Those of these orders that exist, in no order.

        Raises:
            ForeignDocument: one of them is none of ours.
        """
        found = (self._of(ORDERS).find({"_id": {"$in": some}}, ORDER) for some in batches(ids, IDS_MAX))
        return read(ORDERS, order_of, chain.from_iterable(found))

    def orders_for(self, ticket_ids: Sequence[ObjectId]) -> Iterator[Order]:
        """All orders for these tickets, in no order. Reads every order: an index would slow each that is made.

        Raises:
            ForeignDocument: one of them is none of ours.
        """
        found = self._of(ORDERS).find({"ticket.id": {"$in": list(ticket_ids)}}, ORDER, batch_size=BATCH)
        return read(ORDERS, order_of, found)

    def attempts(self, order_ids: Sequence[ObjectId]) -> Iterator[Attempt]:
        """All attempts at paying for these orders that Stripe knows of.

        Raises:
            ForeignDocument: one of their payments is none of ours.
        """
        condition = {"_id": {"$in": list(order_ids)}, "attempt": {"$exists": True}}
        return chain.from_iterable(read(PAYMENTS, attempts_of, self._of(PAYMENTS).find(condition, PAYMENT)))

    def accounts(self, order_ids: Sequence[ObjectId] | None = None) -> Iterator[Account]:
        """What the payments service keeps of these orders, or of all, in no order.

        Raises:
            ForeignDocument: one of them is none of ours.
        """
        condition = {} if order_ids is None else {"_id": {"$in": list(order_ids)}}
        return read(PAYMENTS, account_of, self._of(PAYMENTS).find(condition, ACCOUNT, batch_size=BATCH))

    def unpaid(self, before: datetime, order_ids: Sequence[ObjectId] | None = None) -> Iterator[ObjectId]:
        """Orders, or those of these, made before `before`, that are not paid and that nobody has asked to end."""
        condition: Document = {"status": {"$in": sorted(UNPAID)}, "createdAt": {"$lt": before}, "stopping": None}
        return (each["_id"] for each in self._orders_that(condition, order_ids, {"_id": 1}))

    def complete(self, order_ids: Sequence[ObjectId] | None = None) -> Iterator[Sale]:
        """Orders, or those of these, that are paid."""
        found = self._orders_that({"status": "complete"}, order_ids, {"payment.stripeId": 1})
        return (Sale(each["_id"], each.get("payment", {}).get("stripeId")) for each in found)

    def existing(self, order_ids: Sequence[ObjectId], service: str = ORDERS) -> set[ObjectId]:
        """Those of the orders that exist, or of which this service keeps something."""
        return {each["_id"] for each in self._of(service).find({"_id": {"$in": list(order_ids)}}, {"_id": 1})}

    def undelivered(self, before: datetime, service: str, keys: Sequence[object] | None = None) -> Iterator[Document]:
        """A service's documents, or these of them, with news from `before` that somebody has not acknowledged."""
        condition: Document = {"outbox.at": {"$lt": before}}
        if keys is not None:
            condition["_id"] = {"$in": list(keys)}
        return iter(self._of(service).find(condition, {"outbox.id": 1, "outbox.at": 1}, batch_size=BATCH))

    def _orders_that(
        self, condition: Document, order_ids: Sequence[ObjectId] | None, fields: Document
    ) -> Iterator[Document]:
        if order_ids is not None:
            condition = condition | {"_id": {"$in": list(order_ids)}}
        return iter(self._of(ORDERS).find(condition, fields, batch_size=BATCH))

    def _of(self, service: str) -> Collection[Document]:
        assert service in SERVICES, f"{service} is no service"
        return self._database.get_collection(service, read_concern=ReadConcern("majority"))
