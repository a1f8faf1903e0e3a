"""MongoDB as the witness of a sale: it knows everything, and `boxoffice audit` proves the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from actors.contract import ORDERS, TICKETS
from cluster.audit.violation import Violation
from cluster.sale.journal import Promise
from cluster.sale.stock import Stock

BATCH = 1_000
FIELDS = {"userId": 1, "ticket": 1, "version": 1, "status": 1, "payment": 1}


@dataclass(frozen=True, kw_only=True)
class BooksWitness:
    """Reads with majority. Every method may raise `pymongo.errors.PyMongoError`."""

    database: AsyncDatabase[dict[str, Any]]
    tickets: Sequence[ObjectId]

    async def stock(self, at_s: float) -> Stock:
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
        return Stock(at_s, **counts)

    async def over(self, promises: Sequence[Promise]) -> int:
        """How many of these orders are cancelled."""
        over = 0
        for ids in batches(promises):
            over += await self.database[ORDERS].count_documents({"_id": {"$in": ids}, "status": "cancelled"})
        return over

    async def stored(self, promises: Sequence[Promise]) -> dict[ObjectId, dict[str, Any]]:
        """Those of these orders that exist."""
        found: dict[ObjectId, dict[str, Any]] = {}
        for ids in batches(promises):
            query = self.database[ORDERS].find({"_id": {"$in": ids}}, FIELDS)
            found |= {each["_id"]: each async for each in query}
        return found

    async def wrong(self, promises: Sequence[Promise]) -> list[Violation]:
        """Nothing: the audit looks at every ticket there is."""
        return []


def batches(promises: Sequence[Promise]) -> list[list[ObjectId]]:
    """Their orders, so many at a time."""
    ids = [each.order_id for each in promises]
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
