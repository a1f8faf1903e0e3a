"""Reading snapshots: from the primary, with majority, so that nobody misses what he was just told.

Every function here raises pymongo's errors; `failures` makes them 503.
"""

import re
from collections.abc import Sequence
from typing import Any, Literal

from bson import ObjectId
from msgspec import Struct
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference

from actors.contract import AUTH, ORDERS, TICKETS
from actors.runtime.coalescer import Coalescer
from actors.runtime.codec import Document

PAGE_MAX = 100
ORDERS_MAX = 10_000
"""How many orders of one buyer are shown."""

SALES_MAX = 1_000
"""How many sales of one page of tickets are shown."""

Sort = Literal["oldest", "newest", "cheapest", "dearest"]

_SORTS = {
    "oldest": ("createdAt", 1),
    "newest": ("createdAt", -1),
    "cheapest": ("price", 1),
    "dearest": ("price", -1),
}
"""By which field tickets are sorted, and which way; those alike in it by their ids, the same way."""

OLDEST_FIRST = [("createdAt", 1), ("_id", 1)]

PAID = ("paid", "refunding", "refunded")
"""How far a payment has come when there was money in it."""

_ACCOUNT = ["userId", "passwordHash"]
_TICKET = ["title", "price", "userId", "version", "hold.orderId", "hold.userId", "holdNumber", "sold", "createdAt"]
_ORDER = ["status", "userId", "expiresAt", "version", "ticket", "payment", "createdAt"]


class Page(Struct, frozen=True, kw_only=True):
    """Which tickets to list."""

    limit: int = PAGE_MAX
    after: ObjectId | None = None
    available: bool | None = None
    q: str = ""
    sort: Sort = "oldest"
    seller: ObjectId | None = None
    """Whose tickets; None for everybody's."""


class Reads:
    """The queries of the API."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        """Read from `database`."""
        self._accounts = _majority(database, AUTH)
        self._tickets = _majority(database, TICKETS)
        self._orders = _majority(database, ORDERS)
        self._single: Coalescer[ObjectId, Document | None] = Coalescer(self._tickets_by_id)

    async def account(self, email: str) -> Document | None:
        """The account of a normalised e-mail address."""
        return await self._accounts.find_one({"_id": email}, _ACCOUNT)

    async def ticket(self, ticket_id: ObjectId) -> Document | None:
        """One ticket, in one query with all that are asked for before it begins: none is older than its question."""
        return await self._single.submit(ticket_id)

    async def _tickets_by_id(self, ids: Sequence[ObjectId]) -> Sequence[Document | None]:
        found = await self._tickets.find({"_id": {"$in": list(set(ids))}}, _TICKET).to_list(None)
        by_id = {each["_id"]: each for each in found}
        return [by_id.get(each) for each in ids]

    async def tickets(self, page: Page, after: Document | None) -> list[Document]:
        """A page of tickets behind the ticket `after`; one more than asked for if there are more.

        A search looks at every ticket of the marketplace in this order until the page is full.
        """
        field, way = _SORTS[page.sort]
        cursor = self._tickets.find(tickets_filter(page, after), _TICKET).sort([(field, way), ("_id", way)])
        return await cursor.limit(page.limit + 1).to_list(None)

    async def order(self, order_id: ObjectId) -> Document | None:
        """One order."""
        return await self._orders.find_one({"_id": order_id}, _ORDER)

    async def orders_of(self, user_id: ObjectId) -> list[Document]:
        """A buyer's orders, oldest first."""
        cursor = self._orders.find({"userId": user_id}, _ORDER).sort(OLDEST_FIRST)
        return await cursor.limit(ORDERS_MAX).to_list(None)

    async def orders(self, ids: Sequence[ObjectId]) -> list[Document]:
        """Orders by their ids, in no order; at most a page of them."""
        return await self._orders.find({"_id": {"$in": list(ids)[:PAGE_MAX]}}, _ORDER).to_list(None)

    async def sales(self, seller: ObjectId, ticket_ids: Sequence[ObjectId]) -> list[Document]:
        """The orders of a seller's tickets that were paid, whatever became of the money; newest first."""
        wanted = {
            "ticket.userId": seller,
            "payment.status": {"$in": list(PAID)},
            "ticket.id": {"$in": list(ticket_ids)[:PAGE_MAX]},
        }
        return await self._orders.find(wanted, _ORDER).sort([("createdAt", -1)]).limit(SALES_MAX).to_list(None)


def tickets_filter(page: Page, after: Document | None) -> dict[str, Any]:
    """The condition for `page`; the redundant bound on the sorted field lets the index begin at the right place."""
    wanted: dict[str, Any] = {}
    if after is not None:
        field, way = _SORTS[page.sort]
        beyond, at = ("$gt" if way > 0 else "$lt"), after[field]
        wanted[field] = {f"{beyond}e": at}
        wanted["$or"] = [{field: {beyond: at}}, {"_id": {beyond: after["_id"]}}]
    if page.seller is not None:
        wanted["userId"] = page.seller
    if page.available is not None:
        wanted["hold"] = {"$exists": not page.available}
    if page.q:
        wanted["title"] = {"$regex": re.escape(page.q), "$options": "i"}
    return wanted


def _majority(database: AsyncDatabase[Document], name: str) -> AsyncCollection[Document]:
    return database.get_collection(name, read_concern=ReadConcern("majority"), read_preference=ReadPreference.PRIMARY)
