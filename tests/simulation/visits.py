"""Buyers on Stripe's hosted page: they are sent there, pay or do not, and come back."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import stripe

from actors.contract import ORDERS, Checkout, Id, OrderReply, PaymentMethod, PayOrder

from .loop import DAWN
from .people import People

if TYPE_CHECKING:
    from .world import World

PAGE = Checkout(success_url="https://boxoffice.test/paid", cancel_url="https://boxoffice.test/order")
CLICKS_MAX = 40
"""How often a buyer clicks before he gives up on a page that is busy."""


class Visits:
    """Takes buyers to the page."""

    def __init__(self, world: "World", people: People) -> None:
        self._world = world
        self._people = people

    async def pay(self, order: Id, buyer: Id, *cards: str, before_the_end_s: float | None = None) -> None:
        """Ask for a page, and try one card there after the other; without cards, leave it open and go."""
        world, payment = self._world, self._world.chance.new_id()
        wish = PayOrder(user_id=buyer, payment_id=payment, method=PaymentMethod(checkout=PAGE))
        reply = await self._people.wish(ORDERS, order, lambda: wish)
        if isinstance(reply, OrderReply) and page_of(reply) is None:
            reply = await self._people.settle(order, ORDERS, 6, payment)
        page = page_of(reply) if isinstance(reply, OrderReply) else None
        if page is None or not isinstance(reply, OrderReply):
            return
        if before_the_end_s is not None:
            left_s = (reply.expires_at - DAWN - timedelta(seconds=world.loop.time())).total_seconds()
            await asyncio.sleep(max(0.0, left_s - before_the_end_s))
        for card in cards:
            if before_the_end_s is None:
                await asyncio.sleep(world.chance.between(0, 1.5))
            await self._click(page, card)
        if cards:
            await self._return(order, page, payment)

    async def _click(self, page: str, card: str) -> None:
        """Pay, once the page no longer says that it is busy with the card before."""
        for _ in range(CLICKS_MAX):
            if self._world.stripe.bank.submit(page, card):
                return
            if self._world.stripe.pages.sessions[page].status != "open" or self._world.chance.hit(0.2):
                return
            await asyncio.sleep(0.1)

    async def _return(self, order: Id, page: str, payment: Id) -> None:
        """Come back to our own page, which looks at once what has become of it."""
        if self._world.chance.hit(0.5):
            with suppress(stripe.StripeError):
                await self._world.postman.hints.follow(page)
        await self._people.settle(order, ORDERS, 2, payment)


def page_of(reply: OrderReply) -> str | None:
    """The id of the page that an order sends its buyer to."""
    action = reply.payment.next_action if reply.payment else None
    return action.url.rsplit("/", 1)[-1] if action and action.url else None
