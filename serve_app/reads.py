"""Reading snapshots: from the primary, with majority, so that nobody misses what he was just told.

Every function here raises pymongo's errors; `failures` makes them 503.
"""

import re
from typing import Any

from bson import ObjectId
from msgspec import Struct
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference

from actors.contract import AUTH, ORDERS, TICKETS
from actors.runtime.codec import Document

PAGE_MAX = 100
ORDERS_MAX = 10_000
"""How many orders of one buyer are shown."""

OLDEST_FIRST = [("createdAt", 1), ("_id", 1)]

_ACCOUNT = ["userId", "passwordHash"]
_TICKET = ["title", "price", "userId", "version", "hold.orderId", "createdAt"]
_ORDER = ["status", "userId", "expiresAt", "version", "ticket", "payment"]


class Page(Struct, frozen=True, kw_only=True):
    """Which tickets to list."""

    limit: int = PAGE_MAX
    after: ObjectId | None = None
    available: bool | None = None
    q: str = ""


class Reads:
    """The queries of the API."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        """Read from `database`."""
        self._accounts = _majority(database, AUTH)
        self._tickets = _majority(database, TICKETS)
        self._orders = _majority(database, ORDERS)

    async def account(self, email: str) -> Document | None:
        """The account of a normalised e-mail address."""
        return await self._accounts.find_one({"_id": email}, _ACCOUNT)

    async def ticket(self, ticket_id: ObjectId) -> Document | None:
        """One ticket."""
        return await self._tickets.find_one({"_id": ticket_id}, _TICKET)

    async def tickets(self, page: Page, after: Document | None) -> list[Document]:
        """A page of tickets, oldest first, behind the ticket `after`; one more than asked for if there are more.

        A search looks at every ticket of the marketplace in this order until the page is full.
        """
        cursor = self._tickets.find(tickets_filter(page, after), _TICKET).sort(OLDEST_FIRST)
        return await cursor.limit(page.limit + 1).to_list(None)

    async def order(self, order_id: ObjectId) -> Document | None:
        """One order."""
        return await self._orders.find_one({"_id": order_id}, _ORDER)

    async def orders_of(self, user_id: ObjectId) -> list[Document]:
        """A buyer's orders, oldest first."""
        cursor = self._orders.find({"userId": user_id}, _ORDER).sort(OLDEST_FIRST)
        return await cursor.limit(ORDERS_MAX).to_list(None)


def tickets_filter(page: Page, after: Document | None) -> dict[str, Any]:
    """The condition for `page`; the redundant bound on `createdAt` lets the index begin at the right place."""
    wanted: dict[str, Any] = {}
    if after is not None:
        at = after["createdAt"]
        wanted["createdAt"] = {"$gte": at}
        wanted["$or"] = [{"createdAt": {"$gt": at}}, {"_id": {"$gt": after["_id"]}}]
    if page.available is not None:
        wanted["hold"] = {"$exists": not page.available}
    if page.q:
        wanted["title"] = {"$regex": re.escape(page.q), "$options": "i"}
    return wanted


def _majority(database: AsyncDatabase[Document], name: str) -> AsyncCollection[Document]:
    return database.get_collection(name, read_concern=ReadConcern("majority"), read_preference=ReadPreference.PRIMARY)
