"""The API as a witness of a sale: what it says of each order to its buyer, and of each ticket to everybody."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId

from actors.runtime.clock import Clock, SystemClock
from cluster.audit.settling import lasting
from cluster.audit.violation import Violation, ticket as ticket_name
from cluster.local.errors import ProofError
from cluster.sale.figures import Figures
from cluster.sale.holders import wrong_holders
from cluster.sale.listings import lost_listing
from cluster.sale.patience import asking_max_s
from cluster.sale.promise import Document, Promise
from cluster.sale.shop import Shop
from cluster.sale.shown import holder_of, order_of
from cluster.sale.steps import Body, Step, show_order, show_ticket
from cluster.sale.stock import Stock

NOT_FOUND = 404
LOOKS_MAX = 15
LOOK_AGAIN_S = 1.0
"""So often, and so soon, what looks wrong is looked at again: news may be under way."""

ADVICE = "Nothing is proven without it: look whether the target still runs."


@dataclass(kw_only=True)
class ApiWitness:
    """Asks as the buyers themselves. Every method may raise `ProofError`: an answer did not come."""

    shop: Shop
    sessions: Mapping[ObjectId, str]
    """By user."""

    tickets: Sequence[ObjectId]
    told: Figures
    """What the buyers were told, which is where the stock comes from."""

    clock: Clock = field(default_factory=SystemClock)
    """The marketplace's own."""

    async def stock(self) -> Stock:
        """How many tickets are free, held and sold, by what the buyers were told."""
        sold = self.told.total("paid")
        held = self.told.total("reserved") - sold - self.told.total("cancelled") - self.told.total("expired")
        return Stock(free=len(self.tickets) - held - sold, held=held, sold=sold)

    async def over(self, promises: Sequence[Promise]) -> set[ObjectId]:
        """Those of these orders that are cancelled; before their time is over nobody asks."""
        now = self.clock.now()
        stored = await self.stored([each for each in promises if each.expires_at <= now])
        return {order_id for order_id, order in stored.items() if order["status"] == "cancelled"}

    async def stored(self, promises: Sequence[Promise]) -> dict[ObjectId, dict[str, Any]]:
        """Those of these orders that exist, told to their buyers."""
        questions = ((show_order(str(each.order_id)), self.sessions[each.user_id]) for each in promises)
        answers = zip(promises, await self._all_asked(questions), strict=True)
        return {each.order_id: order_of(each.order_id, body) for each, body in answers if body is not None}

    async def wrong(self, promises: Sequence[Promise], stored: Mapping[ObjectId, Document]) -> list[Violation]:
        """Every ticket that the API does not show, or shows with another holder than the orders say, at every look.

        Orders are read before tickets, and end meanwhile: so only what looks wrong is looked at again, and what was
        right once is right.
        """
        found = await self._wrong(stored, self.tickets)
        for _ in range(LOOKS_MAX - 1):
            if not found:
                break
            await asyncio.sleep(LOOK_AGAIN_S)
            names = {name for each in found for name in each.documents}
            suspects = [each for each in self.tickets if ticket_name(each) in names]
            orders = await self.stored([each for each in promises if ticket_name(each.ticket_id) in names])
            found = lasting(found, await self._wrong(orders, suspects))
        return found

    async def _wrong(self, orders: Mapping[ObjectId, Document], tickets: Sequence[ObjectId]) -> list[Violation]:
        answers = await self._all_asked((show_ticket(str(each)), "") for each in tickets)
        shown = zip(tickets, answers, strict=True)
        holders = {each: holder_of(each, body) for each, body in shown if body is not None}
        lost = [lost_listing(each) for each in tickets if each not in holders]
        return lost + list(wrong_holders(orders, holders))

    async def _all_asked(self, questions: Iterable[tuple[Step, str]]) -> list[Body | None]:
        """The answers to these, each with its asker's session, unless they take too long altogether."""
        asked = [self._asked(*each) for each in questions]
        limit_s = asking_max_s(len(asked))
        try:
            async with asyncio.timeout(limit_s):
                return await asyncio.gather(*asked)
        except TimeoutError as error:
            sentence = f"{self.shop.url} did not answer {len(asked):,} questions within {limit_s:,.0f} s."
            raise ProofError(sentence, ADVICE) from error

    async def _asked(self, step: Step, session: str) -> Body | None:
        """What the API shows; None for what it does not know. Any other answer says nothing of what there is."""
        answer = await self.shop.ask(step, session, holds_order=True)
        if answer.status not in (200, NOT_FOUND):
            raise ProofError(f"{step.path} was not answered ({answer.words}).", ADVICE)
        return answer.body if answer.status == 200 else None
