"""MongoDB as the witness of a sale: it knows everything, and `boxoffice audit` proves the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from actors.contract import ORDERS, TICKETS
from cluster.audit.batches import batches
from cluster.audit.violation import Violation
from cluster.sale.listings import lost_listing
from cluster.sale.promise import Document, Promise
from cluster.sale.stock import Stock

BATCH = 1_000
FIELDS = {"userId": 1, "ticket": 1, "version": 1, "status": 1, "payment": 1, "createdAt": 1, "expiresAt": 1}


@dataclass(frozen=True, kw_only=True)
class BooksWitness:
    """Reads as its database does. Every method may raise `pymongo.errors.PyMongoError`."""

    database: AsyncDatabase[dict[str, Any]]
    tickets: Sequence[ObjectId]

    async def stock(self) -> Stock:
        """How many tickets are free, held and sold."""
        groups = {"sold": "$sold", "held": {"$gt": ["$hold", None]}}
        steps: list[dict[str, Any]] = [
            {"$match": {"_id": {"$in": list(self.tickets)}}},
            {"$group": {"_id": groups, "count": {"$sum": 1}}},
        ]
        counts = {"free": 0, "held": 0, "sold": 0}
        async for each in await self.database[TICKETS].aggregate(steps):
            state = "sold" if each["_id"]["sold"] else "held" if each["_id"]["held"] else "free"
            counts[state] += each["count"]
        return Stock(free=counts["free"], held=counts["held"], sold=counts["sold"])

    async def over(self, promises: Sequence[Promise]) -> set[ObjectId]:
        """Those of these orders that are cancelled."""
        return set(await self._found(ORDERS, [each.order_id for each in promises], {"_id": 1}, status="cancelled"))

    async def stored(self, promises: Sequence[Promise]) -> dict[ObjectId, dict[str, Any]]:
        """Those of these orders that exist."""
        return await self._found(ORDERS, [each.order_id for each in promises], FIELDS)

    async def wrong(self, promises: Sequence[Promise], stored: Mapping[ObjectId, Document]) -> list[Violation]:
        """Tickets that were listed and do not exist: the audit looks at every ticket there is, and at no other."""
        exist = await self._found(TICKETS, self.tickets, {"_id": 1})
        return [lost_listing(each) for each in self.tickets if each not in exist]

    async def _found(
        self, service: str, ids: Sequence[ObjectId], fields: dict[str, int], **condition: str
    ) -> dict[ObjectId, dict[str, Any]]:
        found: dict[ObjectId, dict[str, Any]] = {}
        for some in batches(ids, BATCH):
            query = self.database[service].find({"_id": {"$in": some}, **condition}, fields)
            found |= {each["_id"]: each async for each in query}
        return found
