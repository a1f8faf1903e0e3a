"""The crowd at the doors: lists the tickets, lets every buyer in at his moment, and writes down what he is told."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from bson import ObjectId

from cluster.local.errors import ProofError
from cluster.sale.buyer import Buyer
from cluster.sale.journal import Journal, Promise
from cluster.sale.passes import Pass
from cluster.sale.shop import Answer, Shop
from cluster.sale.steps import BAD_CARD, GOOD_CARD, cancel, outcome, pay, reserve, sell

CENTS_MIN, CENTS_MAX = 500, 15_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A ticket on sale."""

    id: str
    cents: int


async def stock(shop: Shop, sellers: Sequence[Pass], count: int, seed: int) -> list[Listed]:
    """`count` new tickets, sold by `sellers` in turn.

    Raises:
        ProofError: a ticket could not be listed.
    """
    chance = Random(seed)
    sale = ObjectId()

    async def one(number: int, cents: int) -> Listed:
        seller = sellers[number % len(sellers)]
        step = sell(f"Flash sale {sale}, seat {number + 1}", cents)
        answer = await shop.ask(step, seller.session, f"{sale}-seat-{number}")
        if answer.status != 201:
            raise ProofError(
                f"A ticket could not be listed at {shop.url} ({answer.status}).", "Look whether it is ready."
            )
        return Listed(answer.body["id"], cents)

    return await asyncio.gather(*(one(n, chance.randint(CENTS_MIN, CENTS_MAX)) for n in range(count)))


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Where buyers come in."""

    shop: Shop
    tickets: Sequence[Listed]
    journal: Journal

    async def visit(self, buyer: Buyer, his: Pass) -> None:
        """Everything one buyer does, from his arrival to his end."""
        await asyncio.sleep(max(0.0, buyer.at_s - self.shop.elapsed_s()))
        ticket = self.tickets[buyer.ticket]
        step, key = reserve(ticket.id), f"{buyer.key}-reserve"
        answer = await self.shop.ask(step, his.session, key)
        became = outcome(step, answer.status, answer.body)
        self.shop.figures.count(became, self.shop.elapsed_s())
        if became != "reserved":
            return
        promise = promised(answer.body, his)
        self.journal.reserved(promise)
        if buyer.repeats:
            again = await self.shop.ask(step, his.session, key)
            self.journal.repeated(promise.order_id, (again.status, str(again.body.get("id", ""))))
        await asyncio.sleep(buyer.think_s)
        await self._act(buyer, his, promise)

    async def _act(self, buyer: Buyer, his: Pass, promise: Promise) -> None:
        order_id = str(promise.order_id)
        match buyer.wish:
            case "abandon":
                promise.abandoned = True
                return
            case "cancel":
                step = cancel(order_id)
            case "pay":
                step = pay(order_id, GOOD_CARD)
            case "decline":
                step = pay(order_id, BAD_CARD)
        answer = await self.shop.ask(step, his.session, f"{buyer.key}-{step.name}")
        became = outcome(step, answer.status, answer.body)
        self.shop.figures.count(became, self.shop.elapsed_s())
        note(promise, became, answer)


def promised(body: dict[str, Any], his: Pass) -> Promise:
    """What an order's 201 promises to the one who asked."""
    return Promise(
        order_id=ObjectId(body["id"]),
        ticket_id=ObjectId(body["ticket"]["id"]),
        user_id=his.user_id,
        version=body["version"],
        price=round(body["ticket"]["price"] * 100),
        expires_at=datetime.fromisoformat(body["expiresAt"]),
    )


def note(promise: Promise, became: str, answer: Answer) -> None:
    """Write down what a later answer adds to a promise."""
    if became == "paid":
        promise.paid_with = str(answer.body.get("stripeId"))
    elif became == "cancelled":
        promise.cancelled = True
    elif became in ("declined", "late"):
        promise.abandoned = True
