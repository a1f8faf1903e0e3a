"""The API as a witness of a sale: what it says of each order to its buyer, and of each ticket to everybody."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from cluster.audit.violation import Violation
from cluster.local.errors import ProofError
from cluster.sale.figures import Figures
from cluster.sale.holders import wrong_holders
from cluster.sale.listings import lost_listing
from cluster.sale.promise import Promise
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

    async def stock(self, at_s: float) -> Stock:
        """How many tickets are free, held and sold, by what the buyers were told."""
        sold = self.told.total("paid")
        held = self.told.total("reserved") - sold - self.told.total("cancelled") - self.told.total("expired")
        return Stock(at_s, free=len(self.tickets) - held - sold, held=held, sold=sold)

    async def over(self, promises: Sequence[Promise]) -> set[ObjectId]:
        """Those of these orders that are cancelled; before their time is over nobody asks."""
        now = datetime.now(UTC)
        stored = await self.stored([each for each in promises if each.expires_at <= now])
        return {order_id for order_id, order in stored.items() if order["status"] == "cancelled"}

    async def stored(self, promises: Sequence[Promise]) -> dict[ObjectId, dict[str, Any]]:
        """Those of these orders that exist, told to their buyers."""
        asked = [self._asked(show_order(str(each.order_id)), self.sessions[each.user_id]) for each in promises]
        answers = zip(promises, await asyncio.gather(*asked), strict=True)
        return {promise.order_id: order_of(answer.body) for promise, answer in answers if answer.status == 200}

    async def wrong(self, promises: Sequence[Promise]) -> list[Violation]:
        """Every ticket that the API does not show, or shows with another holder than the orders say."""
        found: list[Violation] = []
        for _ in range(LOOKS_MAX):
            found = await self._wrong(promises)
            if not found:
                break
            await asyncio.sleep(LOOK_AGAIN_S)
        return found

    async def _wrong(self, promises: Sequence[Promise]) -> list[Violation]:
        orders = await self.stored(promises)
        answers = await asyncio.gather(*(self._asked(show_ticket(str(each))) for each in self.tickets))
        shown = {each: answer.body for each, answer in zip(self.tickets, answers, strict=True) if answer.status == 200}
        lost = [lost_listing(each) for each in self.tickets if each not in shown]
        return lost + list(wrong_holders(orders, {each: body.get("orderId") for each, body in shown.items()}))

    async def _asked(self, step: Step, session: str = "") -> Answer:
        answer = await self.shop.ask(step, session, holds_order=True)
        if answer.tells_nothing:
            sentence = f"{step.path} was not answered ({answer.status})."
            raise ProofError(sentence, "Nothing is proven without it: look whether the target still runs.")
        return answer


def order_of(body: Body) -> dict[str, Any]:
    """An order as the API shows it, as MongoDB stores it."""
    ticket = {"id": ObjectId(body["ticket"]["id"]), "price": round(body["ticket"]["price"] * 100)}
    expires_at = datetime.fromisoformat(body["expiresAt"])
    return {"payment": {}, **body, "userId": ObjectId(body["userId"]), "ticket": ticket, "expiresAt": expires_at}
