"""Reading snapshots: from the primary, with majority, so that nobody misses what he was just told.

Every function here raises pymongo's errors; `failures` makes them 503. Searches are kept within bounds, for anybody
may ask for one that has to look at every ticket there is.
"""

import logging
from collections.abc import Sequence

from bson import ObjectId
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.cursor import AsyncCursor
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ExecutionTimeout
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference

from actors.contract import AUTH, ORDERS, TICKETS
from actors.runtime.coalescer import Coalescer
from actors.runtime.codec import Document
from serve_app.page import PAGE_MAX, SORTS, Page, behind, tickets_filter
from serve_app.places import Places
from serve_app.refusals import SLOW_SEARCH, ApiError

log = logging.getLogger("boxoffice.api")

ORDERS_MAX = 2_000
"""How many orders of one buyer are shown at once: to make them ready keeps everybody else waiting for 30 ms."""

SALES_MAX = 1_000
"""How many sales of one page of tickets are shown."""

SEARCH_MS_MAX, OFFERS_MS_MAX = 2_000, 500
"""How long MongoDB may look for one page of a search, and for what is shown beside something else."""

SLOW_AGAIN_S = 30.0
"""Seconds after which a search that took too long may be worth another try."""

SEARCHES_MAX, SEARCHES_WAITING_MAX = 8, 32
"""Searches at once, so that they leave most of the connections of a replica to others, and those that may wait."""

LISTS_MAX, LISTS_WAITING_MAX = 2, 100
"""Buyers whose orders are listed at once, 6 MiB each at most, and those that may wait."""

PAID = ("paid", "refunding", "refunded")
"""How far a payment has come when there was money in it."""

_ACCOUNT = ["userId", "passwordHash"]
_TICKET = ["title", "price", "userId", "version", "hold.orderId", "hold.userId", "holdNumber", "sold", "createdAt"]
_ORDER = ["status", "userId", "expiresAt", "version", "ticket", "payment", "createdAt", "stopping"]


class Reads:
    """The queries of the API."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        """Read from `database`."""
        self._accounts = _majority(database, AUTH)
        self._tickets = _majority(database, TICKETS)
        self._orders = _majority(database, ORDERS)
        self._single: Coalescer[ObjectId, Document | None] = Coalescer(self._tickets_by_id)
        self._searches = Places(SEARCHES_MAX, SEARCHES_WAITING_MAX)
        self._lists = Places(LISTS_MAX, LISTS_WAITING_MAX)
        self._offers: Coalescer[Page, list[Document]] = Coalescer(self._first_pages)

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

        A search looks at every ticket of the marketplace in this order until the page is full, or its time is over.

        Raises:
            ApiError: it is a search, and takes too long, or too many others wait already (`overloaded`).
        """
        cursor = self._cursor(page, after)
        if not page.is_search:
            return await cursor.to_list(None)
        async with self._searches.one():
            try:
                return await cursor.max_time_ms(SEARCH_MS_MAX).to_list(None)
            except ExecutionTimeout:
                raise ApiError(SLOW_SEARCH, retry_after_s=SLOW_AGAIN_S) from None

    async def offers(self, count: int) -> list[Document]:
        """The newest tickets that are to be had, and one more, in one query for all who ask before it begins.

        Where that would take long there are none: they are shown beside what people came for.
        """
        try:
            return await self._offers.submit(Page(limit=count, available=True, sort="newest"))
        except ExecutionTimeout as error:
            log.info("there are no offers to show: %s", error)
            return []

    async def _first_pages(self, pages: Sequence[Page]) -> Sequence[list[Document]]:
        """Not one of the searches that wait for a place: what is shown beside something else waits for nobody."""
        found = {page: await self._cursor(page, None).max_time_ms(OFFERS_MS_MAX).to_list(None) for page in set(pages)}
        return [found[page] for page in pages]

    def _cursor(self, page: Page, after: Document | None) -> AsyncCursor[Document]:
        field, way = SORTS[page.sort]
        cursor = self._tickets.find(tickets_filter(page, after), _TICKET).sort([(field, way), ("_id", way)])
        return cursor.limit(page.limit + 1)

    async def order(self, order_id: ObjectId) -> Document | None:
        """One order."""
        return await self._orders.find_one({"_id": order_id}, _ORDER)

    async def orders_of(self, user_id: ObjectId) -> list[Document]:
        """A buyer's orders, oldest first; of very many the newest.

        Raises:
            ApiError: too many others wait for theirs (`overloaded`).
        """
        async with self._lists.one():
            found = await self.latest_orders_of(user_id, None, ORDERS_MAX - 1)
        return found[::-1]

    async def latest_orders_of(self, user_id: ObjectId, after: Document | None, limit: int) -> list[Document]:
        """A buyer's orders behind `after`, newest first; one more than `limit` if there are more."""
        wanted = {"userId": user_id, **behind(after, "createdAt", -1)}
        cursor = self._orders.find(wanted, _ORDER).sort([("createdAt", -1), ("_id", -1)])
        return await cursor.limit(limit + 1).to_list(None)

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


def _majority(database: AsyncDatabase[Document], name: str) -> AsyncCollection[Document]:
    return database.get_collection(name, read_concern=ReadConcern("majority"), read_preference=ReadPreference.PRIMARY)
