"""The crowd at the doors: lets every buyer in at his moment, and writes down what he is told."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from bson import ObjectId

from actors.runtime.clock import Clock, SystemClock
from cluster.sale.buyer import Buyer, crowd
from cluster.sale.journal import Journal
from cluster.sale.passes import Pass
from cluster.sale.plan import Plan
from cluster.sale.promise import promised
from cluster.sale.shop import Shop
from cluster.sale.visit import Move, visit


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Where buyers come in."""

    shop: Shop
    tickets: Sequence[ObjectId]
    journal: Journal
    clock: Clock = field(default_factory=SystemClock)
    """What an order's `expiresAt` is compared with."""

    async def let_in(self, plan: Plan, people: Sequence[Pass]) -> int:
        """Let every buyer in; the number of those who are not done when the time is over."""
        pairs = zip(crowd(plan), people, strict=True)
        visits = [asyncio.create_task(self.visit(buyer, his)) for buyer, his in pairs]
        try:
            done, late = await asyncio.wait(visits, timeout=plan.seconds + plan.limit_s)
        finally:
            # Also when the sale is interrupted: nobody asks on once the doors are closed.
            for each in visits:
                each.cancel()
            await asyncio.gather(*visits, return_exceptions=True)
        for each in done:
            each.result()  # a defect of the generator itself must not pass for a quiet sale
        return len(late)

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
            holds = bool(move.order_id)
            move.answer = await self.shop.ask(move.step, his.session, move.key, holds_order=holds, due_s=due_s)
            due_s = self.shop.stopwatch.elapsed_s()
            if move.is_repetition:
                self._compare(move)
            else:
                self._write_down(move, buyer, his)

    def _compare(self, move: Move) -> None:
        """He asked once more under the same key; no answer is a failure, and no other answer."""
        if move.answer.tells_nothing:
            self.shop.figures.count("failed", self.shop.stopwatch.elapsed_s())
        else:
            self.journal.repeated(ObjectId(move.order_id), (move.answer.status, str(move.answer.body.get("id", ""))))

    def _write_down(self, move: Move, buyer: Buyer, his: Pass) -> None:
        body, asked_s, now_s = move.answer.body, move.answer.sent_s, self.shop.stopwatch.elapsed_s()
        self.shop.figures.count(move.became, now_s)
        if move.became == "reserved":
            leaves, now = buyer.wish == "abandon", self.clock.now()
            promise = promised(body, his.user_id, abandoned=leaves, asked_s=asked_s, told_s=now_s, now=now)
            self.journal.reserved(promise)
        elif move.order_id:
            self.journal.promises[ObjectId(move.order_id)].note(move.became, body, now_s)
