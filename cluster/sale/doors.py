"""The crowd at the doors: lets every buyer in at his moment, and writes down what he is told."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from bson import ObjectId

from actors.runtime.clock import Clock, SystemClock
from cluster.sale.buyer import Buyer, crowd
from cluster.sale.figures import Outcome
from cluster.sale.granted import read_order
from cluster.sale.journal import Journal
from cluster.sale.passes import Pass
from cluster.sale.plan import Plan
from cluster.sale.promise import promised
from cluster.sale.shop import Shop
from cluster.sale.visit import Move, visit

Visit = asyncio.Task[None]


class Late(NamedTuple):
    """How many buyers were not done when the time was over."""

    unfinished: int
    """They had asked: the marketplace left them without their answers."""

    not_let_in: int
    """This generator had not even sent their first requests: of the marketplace they tell nothing."""


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Where buyers come in."""

    shop: Shop
    tickets: Sequence[ObjectId]
    journal: Journal
    clock: Clock = field(default_factory=SystemClock)
    """The marketplace's own: what an order's `expiresAt` is compared with."""

    inside: set[int] = field(default_factory=set)
    """The numbers of the buyers of whom a request was sent."""

    async def let_in(self, plan: Plan, people: Sequence[Pass]) -> Late:
        """Let every buyer in; those who are not done when the time is over are counted."""
        pairs = zip(crowd(plan), people, strict=True)
        visits = {asyncio.create_task(self.visit(buyer, his)): buyer.number for buyer, his in pairs}
        try:
            late = await _late(visits, plan.seconds + plan.limit_s)
            outside = {each for each in late if visits[each] not in self.inside}
            for each in outside:
                each.cancel()
            # Whoever was let in at the last moment has as long for his answers as everybody else.
            unfinished = await _late(late - outside, plan.limit_s)
        finally:
            # Also when the sale is interrupted: nobody asks on once the doors are closed.
            await _end(visits)
        return Late(len(unfinished), len(outside))

    async def visit(self, buyer: Buyer, his: Pass) -> None:
        """Everything one buyer does, from his arrival to his end.

        He is due when he arrives, and then when he has thought about his last answer, however late this generator comes
        to it: measured from when it does, its own stalls would be left out (coordinated omission).
        """
        due_s = buyer.at_s
        for move in visit(buyer, str(self.tickets[buyer.ticket])):
            due_s += move.after_s
            await asyncio.sleep(max(0.0, due_s - self.shop.stopwatch.elapsed_s()))
            if move.step.name == "cancel":
                self.journal.promises[ObjectId(move.order_id)].gave_back_s = self.shop.stopwatch.elapsed_s()
            holds, sent = bool(move.order_id), partial(self.inside.add, buyer.number)
            move.answer = await self.shop.ask(
                move.step, his.session, move.key, holds_order=holds, due_s=due_s, on_sent=sent
            )
            due_s = self.shop.stopwatch.elapsed_s()
            if move.is_repetition:
                self._compare(move)
            else:
                self._write_down(move, buyer, his)

    def _compare(self, move: Move) -> None:
        """He asked once more under the same key; no answer is a failure, and no other answer."""
        if move.answer.tells_nothing:
            self._count("failed", move, self.shop.stopwatch.elapsed_s())
        else:
            self.journal.repeated(ObjectId(move.order_id), (move.answer.status, str(move.answer.body.get("id", ""))))

    def _write_down(self, move: Move, buyer: Buyer, his: Pass) -> None:
        now_s, became = self.shop.stopwatch.elapsed_s(), move.became
        if became == "reserved":
            self._promise(move, buyer, his, now_s)
        elif move.order_id:
            became = self.journal.promises[ObjectId(move.order_id)].note(became, move.answer.body, now_s)
        self._count(became, move, now_s)

    def _promise(self, move: Move, buyer: Buyer, his: Pass, now_s: float) -> None:
        order, leaves, now = read_order(move.answer.body), buyer.wish == "abandon", self.clock.now()
        assert order is not None, "else it has failed"
        promise = promised(order, his.user_id, abandoned=leaves, asked_s=move.answer.sent_s, told_s=now_s, now=now)
        self.journal.reserved(promise)
        if promise.ticket_id != (wanted := self.tickets[buyer.ticket]):
            sentence = f"Asked for ticket {wanted}, the answer was an order for ticket {promise.ticket_id}."
            self.journal.differs(promise.order_id, sentence)

    def _count(self, became: Outcome, move: Move, now_s: float) -> None:
        self.shop.figures.count(became, now_s)
        if became == "failed":
            self.shop.figures.troubles[move.step.name, move.answer.trouble] += 1


async def _late(visits: Collection[Visit], seconds: float) -> set[Visit]:
    """Those that are not done after so many seconds."""
    return (await asyncio.wait(visits, timeout=seconds))[1] if visits else set()


async def _end(visits: Collection[Visit]) -> None:
    """End them. A defect of the generator itself is raised: it must not pass for a quiet sale."""
    for each in visits:
        each.cancel()
    for end in await asyncio.gather(*visits, return_exceptions=True):
        if isinstance(end, Exception):
            raise end
