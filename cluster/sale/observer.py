"""Looks at the sale's own tickets and orders while it goes on."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from bson import ObjectId

from cluster.audit.violation import Violation
from cluster.sale.figures import Figures
from cluster.sale.journal import Journal, Promise
from cluster.sale.stock import Stock
from cluster.sale.stopwatch import Stopwatch

EVERY_S = 1.0
SETTLES_S = 10.0
"""How long a payment that was acknowledged may take to reach its ticket before nobody waits for it any more."""

EXPIRY_SLACK_S = 5.0
"""How much later than promised an order may expire before nobody waits for it any more."""


class Witness(Protocol):
    """Somebody who knows what has become of tickets and orders: MongoDB, or the API alone."""

    async def stock(self, at_s: float) -> Stock:
        """How many tickets are free, held and sold."""

    async def over(self, promises: Sequence[Promise]) -> int:
        """How many of these orders are cancelled."""

    async def stored(self, promises: Sequence[Promise]) -> Mapping[ObjectId, Mapping[str, Any]]:
        """Those of these orders that exist, as MongoDB stores them."""

    async def wrong(self, promises: Sequence[Promise]) -> list[Violation]:
        """What is wrong with the sale's tickets, as far as no audit looks at them."""


@dataclass(kw_only=True)
class Observer:
    """Takes a look every `every_s` seconds."""

    witness: Witness
    journal: Journal
    figures: Figures
    stopwatch: Stopwatch
    seen: list[Stock] = field(default_factory=list)
    every_s: float = EVERY_S
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by every look."""

    async def watch(self) -> None:
        """Look, until cancelled. Raises what the witness raises."""
        while True:
            await self.look()
            await asyncio.sleep(self.every_s)

    async def look(self) -> None:
        """One look at the tickets, and at the orders that are to expire."""
        self.seen.append(await self.witness.stock(self.stopwatch.elapsed_s()))
        over = await self.witness.over(self._left())
        self.figures.count("expired", self.stopwatch.elapsed_s(), over - self.figures.total("expired"))
        self.looked.set()

    def unexpired(self) -> int:
        """How many orders were left to expire and have not yet."""
        return len(self._left()) - self.figures.total("expired")

    async def wait_for_expiry(self, seconds_max: float) -> None:
        """Wait until abandoned orders have expired, where that takes no longer than `seconds_max`."""
        ends = [each.expires_at for each in self._left()]
        left_s = (max(ends) - datetime.now(UTC)).total_seconds() if ends else 0.0
        if not ends or left_s > seconds_max:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(left_s, 0) + EXPIRY_SLACK_S):
                while self.unexpired() > 0:
                    self.looked.clear()
                    await self.looked.wait()

    async def settle(self) -> None:
        """Look once more, and wait until the tickets know what their buyers were told: news takes a moment."""
        await self.look()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLES_S):
                while self.seen[-1].sold < self.figures.total("paid"):
                    await asyncio.sleep(self.every_s)
                    await self.look()

    async def broken(self) -> list[Violation]:
        """Every promise that is not kept, and what else the witness finds wrong."""
        promises = list(self.journal.promises.values())
        return [*self.journal.broken(await self.witness.stored(promises)), *await self.witness.wrong(promises)]

    def _left(self) -> list[Promise]:
        return [each for each in self.journal.promises.values() if each.abandoned]
