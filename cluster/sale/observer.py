"""Looks at the sale's own tickets and orders in MongoDB while it goes on."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase

from actors.contract import ORDERS, TICKETS
from cluster.sale.figures import Figures
from cluster.sale.journal import Journal

EVERY_S = 1.0
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Stock:
    """How many of the sale's tickets are free, held and sold."""

    at_s: float
    free: int = 0
    held: int = 0
    sold: int = 0


@dataclass(kw_only=True)
class Observer:
    """Takes a look every second."""

    database: AsyncDatabase[dict[str, Any]]
    tickets: Sequence[ObjectId]
    journal: Journal
    figures: Figures
    elapsed_s: Callable[[], float]
    seen: list[Stock] = field(default_factory=list)
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by every look."""

    async def watch(self) -> None:
        """Look, until cancelled.

        Raises:
            pymongo.errors.PyMongoError: the database could not be read.
        """
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """One look at the tickets, and at the orders that are to expire."""
        groups = {"sold": "$sold", "held": {"$gt": ["$hold", None]}}
        steps: list[dict[str, Any]] = [
            {"$match": {"_id": {"$in": list(self.tickets)}}},
            {"$group": {"_id": groups, "count": {"$sum": 1}}},
        ]
        counts = {"free": 0, "held": 0, "sold": 0}
        async for each in await self.database[TICKETS].aggregate(steps):
            state = "sold" if each["_id"]["sold"] else "held" if each["_id"]["held"] else "free"
            counts[state] += each["count"]
        self.seen.append(Stock(self.elapsed_s(), **counts))
        await self._count_expired()

    async def _count_expired(self) -> None:
        waiting = [each.order_id for each in self.journal.promises.values() if each.abandoned]
        over = 0
        for start in range(0, len(waiting), BATCH):
            condition = {"_id": {"$in": waiting[start : start + BATCH]}, "status": "cancelled"}
            over += await self.database[ORDERS].count_documents(condition)
        self.figures.count("expired", self.elapsed_s(), over - self.figures.total("expired"))
        self.looked.set()

    def unexpired(self) -> int:
        """How many orders were left to expire and have not yet."""
        return sum(each.abandoned for each in self.journal.promises.values()) - self.figures.total("expired")

    async def stored(self) -> dict[ObjectId, dict[str, Any]]:
        """Every promised order as it is stored now."""
        ids = list(self.journal.promises)
        fields = {"userId": 1, "ticket": 1, "version": 1, "status": 1, "payment": 1}
        found: dict[ObjectId, dict[str, Any]] = {}
        for start in range(0, len(ids), BATCH):
            query = self.database[ORDERS].find({"_id": {"$in": ids[start : start + BATCH]}}, fields)
            found |= {each["_id"]: each async for each in query}
        return found
