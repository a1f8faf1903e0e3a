"""The peer's reads and writes: majority and journaled, as ours."""

from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from actors.contract import TICKET_NOT_FOUND, TICKET_RESERVED
from actors.runtime.clock import Clock
from serve_app.page import Page
from serve_app.refusals import ApiError

Document = dict[str, Any]

DURABLE = WriteConcern(w="majority", j=True)
WINDOW = timedelta(minutes=15)
SHOWN = {"title": 1, "price": 1, "userId": 1, "version": 1, "orderId": 1}


class Books:
    """Two collections: tickets, which know their order, and orders, which know their ticket."""

    def __init__(self, database: AsyncDatabase[Document], clock: Clock) -> None:
        majority = ReadConcern("majority")
        self._tickets = database.get_collection("tickets", read_concern=majority, write_concern=DURABLE)
        self._orders = database.get_collection("orders", read_concern=majority, write_concern=DURABLE)
        self._clock = clock

    async def reserve(self, ticket_id: ObjectId, user_id: ObjectId) -> Document:
        """The new order: one conditional update, one insert; a refusal is the update alone, which then writes nothing.

        Raises:
            ApiError: somebody has the ticket, or there is none.
        """
        order_id = ObjectId()
        ticket = await self._tickets.find_one_and_update(
            {"_id": ticket_id}, _held_by(order_id), SHOWN, return_document=ReturnDocument.AFTER
        )
        if ticket is None:
            raise ApiError(TICKET_NOT_FOUND)
        if ticket["orderId"] != order_id:
            raise ApiError(TICKET_RESERVED)
        order = self._order(order_id, user_id, ticket)
        await self._orders.insert_one(order)
        return order

    async def ticket(self, ticket_id: ObjectId) -> Document | None:
        """One ticket."""
        return await self._tickets.find_one({"_id": ticket_id}, SHOWN)

    async def tickets(self, page: Page) -> list[Document]:
        """A page of tickets by their ids, which begin with their time; one more if there are more."""
        wanted: Document = {"_id": {"$gt": page.after}} if page.after else {}
        if page.available is not None:
            wanted["orderId"] = {"$exists": not page.available}
        return await self._tickets.find(wanted, SHOWN).sort("_id", 1).limit(page.limit + 1).to_list(None)

    def _order(self, order_id: ObjectId, user_id: ObjectId, ticket: Document) -> Document:
        now = self._clock.now()
        return {
            "_id": order_id,
            "status": "created",
            "userId": user_id,
            "createdAt": now,
            "expiresAt": now + WINDOW,
            "version": 0,
            "ticket": {
                "id": ticket["_id"],
                "title": ticket["title"],
                "price": ticket["price"],
                "userId": ticket["userId"],
                "version": ticket["version"],
            },
        }


def _held_by(order_id: ObjectId) -> list[Document]:
    """The conditional update: whoever holds the ticket already keeps it, and nothing is written."""
    held = {"$gt": ["$orderId", None]}
    version = {"$cond": [held, "$version", {"$add": ["$version", 1]}]}
    return [{"$set": {"orderId": {"$ifNull": ["$orderId", order_id]}, "version": version}}]
