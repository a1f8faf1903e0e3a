"""The API as the only witness of a sale: what it says of each order to its buyer, and of each ticket to everybody."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from cluster.audit.violation import Violation
from cluster.local.errors import ProofError
from cluster.sale.figures import Figures
from cluster.sale.holders import wrong_holders
from cluster.sale.journal import Promise
from cluster.sale.shop import Shop
from cluster.sale.steps import Answer, Body, Step, show_order, show_ticket
from cluster.sale.stock import Stock

LOOKS_MAX = 15
LOOK_AGAIN_S = 1.0
"""So often, and so soon, what looks wrong is looked at again: news may be under way."""


@dataclass(kw_only=True)
class ApiWitness:
    """Asks as the buyers themselves. Every method may raise `ProofError`: an answer did not come."""

    shop: Shop
    sessions: Mapping[ObjectId, str]
    """By user."""

    tickets: Sequence[ObjectId]
    told: Figures
    """What the buyers were told, which is where the stock comes from."""

    _over: set[ObjectId] = field(default_factory=set)

    async def stock(self, at_s: float) -> Stock:
        """How many tickets are free, held and sold, by what the buyers were told."""
        sold = self.told.total("paid")
        held = self.told.total("reserved") - sold - self.told.total("cancelled") - self.told.total("expired")
        return Stock(at_s, free=len(self.tickets) - held - sold, held=held, sold=sold)

    async def over(self, promises: Sequence[Promise]) -> int:
        """How many of these orders are cancelled; before their time is over nobody asks."""
        now = datetime.now(UTC)
        due = [each for each in promises if each.order_id not in self._over and each.expires_at <= now]
        stored = await self.stored(due)
        self._over |= {order_id for order_id, order in stored.items() if order["status"] == "cancelled"}
        return len(self._over)

    async def stored(self, promises: Sequence[Promise]) -> dict[ObjectId, dict[str, Any]]:
        """Those of these orders that exist, told to their buyers."""
        asked = [self._asked(show_order(str(each.order_id)), self.sessions[each.user_id]) for each in promises]
        answers = zip(promises, await asyncio.gather(*asked), strict=True)
        return {promise.order_id: order_of(answer.body) for promise, answer in answers if answer.status == 200}

    async def wrong(self, promises: Sequence[Promise]) -> list[Violation]:
        """Every ticket that the API shows with another holder than the orders say."""
        found: list[Violation] = []
        for _ in range(LOOKS_MAX):
            orders = await self.stored(promises)
            answers = await asyncio.gather(*(self._asked(show_ticket(str(each))) for each in self.tickets))
            holders = {each: answer.body.get("orderId") for each, answer in zip(self.tickets, answers, strict=True)}
            found = list(wrong_holders(orders, holders))
            if not found:
                break
            await asyncio.sleep(LOOK_AGAIN_S)
        return found

    async def _asked(self, step: Step, session: str = "") -> Answer:
        answer = await self.shop.ask(step, session, holds_order=True)
        if answer.tells_nothing:
            sentence = f"{step.path} was not answered ({answer.status})."
            raise ProofError(sentence, "Nothing is proven without it: look whether the target still runs.")
        return answer


def order_of(body: Body) -> dict[str, Any]:
    """An order as the API shows it, as MongoDB stores it."""
    ticket = {"id": ObjectId(body["ticket"]["id"]), "price": round(body["ticket"]["price"] * 100)}
    payment = body.get("payment", {})
    return {**body, "userId": ObjectId(body["userId"]), "ticket": ticket, "payment": payment}
