"""The crowd at the doors: lets every buyer in at his moment, and writes down what he is told."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bson import ObjectId

from cluster.sale.buyer import Buyer, crowd
from cluster.sale.journal import Journal, promised
from cluster.sale.passes import Pass
from cluster.sale.plan import Plan
from cluster.sale.shop import Shop
from cluster.sale.visit import Move, visit


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Where buyers come in."""

    shop: Shop
    tickets: Sequence[ObjectId]
    journal: Journal

    async def let_in(self, plan: Plan, people: Sequence[Pass]) -> int:
        """Let every buyer in; the number of those who are not done when the time is over."""
        pairs = zip(crowd(plan), people, strict=True)
        visits = [asyncio.create_task(self.visit(buyer, his)) for buyer, his in pairs]
        done, late = await asyncio.wait(visits, timeout=plan.seconds + plan.limit_s)
        for each in late:
            each.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for each in done:
            each.result()  # a defect of the generator itself must not pass for a quiet sale
        return len(late)

    async def visit(self, buyer: Buyer, his: Pass) -> None:
        """Everything one buyer does, from his arrival to his end."""
        await asyncio.sleep(max(0.0, buyer.at_s - self.shop.stopwatch.elapsed_s()))
        for move in visit(buyer, str(self.tickets[buyer.ticket])):
            await asyncio.sleep(move.after_s)
            holds = bool(move.order_id)
            move.answer = await self.shop.ask(move.step, his.session, move.key, holds_order=holds)
            self._write_down(move, buyer, his)

    def _write_down(self, move: Move, buyer: Buyer, his: Pass) -> None:
        answer = move.answer
        if move.is_repetition:
            self.journal.repeated(ObjectId(move.order_id), (answer.status, str(answer.body.get("id", ""))))
            return
        self.shop.figures.count(move.became, self.shop.stopwatch.elapsed_s())
        if move.became == "reserved":
            self.journal.reserved(promised(answer.body, his.user_id, abandoned=buyer.wish == "abandon"))
        elif move.order_id:
            self.journal.promises[ObjectId(move.order_id)].note(move.became, answer.body)
