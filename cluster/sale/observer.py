"""Looks at the sale's own tickets and orders while it goes on."""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bson import ObjectId
from pymongo.errors import PyMongoError

from cluster.audit.command import GRACE_S
from cluster.audit.violation import Violation, order as order_name
from cluster.local.errors import ProofError
from cluster.sale.figures import Figures
from cluster.sale.journal import Journal, Read
from cluster.sale.lasting import expires_s
from cluster.sale.promise import Promise
from cluster.sale.stock import Stock
from cluster.sale.stopwatch import Stopwatch
from cluster.sale.witness import Witness

EVERY_S = 1.0
LATE_S = 5.0
"""A look that takes longer than this says nothing of the time for which it took."""

SETTLES_S = 10.0
"""How long a payment that was acknowledged may take to reach its ticket before nobody waits for it any more."""


@dataclass(kw_only=True)
class Observer:
    """Takes a look every `every_s` seconds."""

    witnesses: Sequence[Witness]
    """All of them are heard in the end; the first is asked while the sale goes on."""

    journal: Journal
    figures: Figures
    stopwatch: Stopwatch
    seen: list[Stock] = field(default_factory=list)
    every_s: float = EVERY_S
    grace_s: float = GRACE_S
    """How late an expiry may be, as the audit has it."""

    unheard: list[str] = field(default_factory=list)
    """Why a witness beside the first could not be heard to the end."""

    _over: set[ObjectId] = field(default_factory=set)
    """Orders that have expired."""

    _looked_s: float = 0.0
    """When a look last saw them."""

    _is_blind: bool = False
    """The last look at the tickets failed."""

    async def watch(self) -> None:
        """Look, until cancelled. A look that fails costs nobody the sale: the last ones, in the end, must not."""
        while True:
            with contextlib.suppress(PyMongoError, ProofError):
                await self.look()
            await asyncio.sleep(self.every_s)

    async def look(self) -> None:
        """One look at the tickets, and at the orders that may expire.

        A look is of the moment at which its answer came: what was asked in an outage is answered after it.
        """
        self.seen.append(await self._stock())
        watched = self._watched(self.stopwatch.elapsed_s())
        over = await self.witnesses[0].over(watched)
        now_s = self.stopwatch.elapsed_s()
        for each in watched:
            if each.order_id in over:
                each.over(now_s)
        self._over |= over
        self.figures.spread("expired", self._looked_s, now_s, len(over))
        self._looked_s = now_s

    async def _stock(self) -> Stock:
        was_blind, self._is_blind, began_s = self._is_blind, True, self.stopwatch.elapsed_s()
        stock = await self.witnesses[0].stock()
        self._is_blind, now_s = False, self.stopwatch.elapsed_s()
        return replace(stock, at_s=now_s, is_after_gap=was_blind or now_s - began_s > LATE_S)

    def unexpired(self, broken: Sequence[Violation] = ()) -> int:
        """How many orders were left to expire and have not yet; what is `broken` is no open question any more."""
        named = {name for each in broken for name in each.documents}
        return sum(order_name(each.order_id) not in named for each in self._left())

    async def wait_for_expiry(self, seconds_max: float) -> None:
        """Look until abandoned orders have expired, where that is to take no longer than `seconds_max`.

        Where some do not, look until they are overdue beyond all doubt: then that is proven, and not only open.
        """
        left, now_s = self._left(), self.stopwatch.elapsed_s()
        if not left or max(each.told_s + each.left_s for each in left) - now_s > seconds_max:
            return
        overdue_s = max(expires_s(each, None)[1] for each in left) + self.grace_s
        while self.unexpired() > 0 and self.stopwatch.elapsed_s() <= overdue_s:
            await asyncio.sleep(self.every_s)
            await self.look()

    async def settle(self) -> None:
        """Look once more, and wait until the tickets know what their buyers were told: news takes a moment."""
        await self.look()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLES_S):
                while self.seen[-1].sold < self.figures.total("paid"):
                    await asyncio.sleep(self.every_s)
                    await self.look()

    async def broken(self) -> list[Violation]:
        """Every promise that is not kept, and what else a witness finds wrong; each once.

        How long orders lasted is for the first alone to say. What another cannot say any more costs nobody the result.
        """
        promises, first, began_s = self._promises, self.witnesses[0], self.stopwatch.elapsed_s()
        stored = await first.stored(promises)
        found = [*self.journal.broken(stored, Read(began_s, self.stopwatch.elapsed_s()), self.grace_s)]
        found += await first.wrong(promises, stored)
        for other in self.witnesses[1:]:
            try:
                stored = await other.stored(promises)
                found += [*self.journal.lost(stored), *await other.wrong(promises, stored)]
            except ProofError as error:
                self.unheard.append(error.sentence)
        return once(found)

    @property
    def _promises(self) -> list[Promise]:
        return list(self.journal.promises.values())

    def _left(self) -> list[Promise]:
        """Orders that were left to expire and are not known to have ended."""
        return [each for each in self._promises if each.abandoned and each.order_id not in self._over]

    def _watched(self, now_s: float) -> list[Promise]:
        """Orders that may expire: those, and the ones whose buyers still think although their time is over."""
        unsettled = (each for each in self._promises if not each.is_settled and each.order_id not in self._over)
        return [each for each in unsettled if each.abandoned or each.is_over(now_s)]


def once(found: Iterable[Violation]) -> list[Violation]:
    """Each violation once: two witnesses may word the same one differently."""
    first: dict[tuple[str, tuple[str, ...]], Violation] = {}
    for each in found:
        first.setdefault((each.code, each.documents), each)
    return list(first.values())
