"""The ways that an order goes when nothing goes wrong: the ground that single faults are put on."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actors.contract import ORDERS, TICKETS, CancelOrder, CreateTicket, Id, RefundOrder, Refused, Reserve

from .people import People
from .plots import Plots

if TYPE_CHECKING:
    from .world import World

PRICE = 1999
TRIES_MAX = 30
"""How often somebody asks for a ticket that is held."""


@dataclass
class Cast:
    """Who plays: a seller, a buyer with his order, and another buyer who waits for the same ticket."""

    world: "World"
    people: People
    plots: Plots
    ticket: Id
    order: Id
    buyer: Id

    @classmethod
    def of(cls, world: "World", people: People) -> "Cast":
        """New people every time."""
        new = world.chance.new_id
        return cls(world, people, Plots(world, people), new(), new(), new())

    async def reserve(self) -> None:
        """The seller lists the ticket, and the buyer gets it."""
        listing = CreateTicket(user_id=self.plots.seller, title="Front row", price=PRICE)
        await self.people.insist(TICKETS, self.ticket, listing)
        await self.people.insist(TICKETS, self.ticket, Reserve(order_id=self.order, user_id=self.buyer))

    async def pay(self, token: str) -> None:
        """Pay with a token."""
        await self.plots.pay(self.order, self.buyer, token)

    async def visit(self, *cards: str, before_the_end_s: float | None = None) -> None:
        """Pay on the page."""
        await self.plots.visits.pay(self.order, self.buyer, *cards, before_the_end_s=before_the_end_s)

    async def cancel(self) -> None:
        """Cancel the order."""
        await self.people.insist(ORDERS, self.order, CancelOrder(user_id=self.buyer))

    async def refund(self) -> None:
        """The seller gives the money back."""
        await self.people.insist(ORDERS, self.order, RefundOrder(user_id=self.plots.seller))

    async def buy_too(self) -> None:
        """Somebody else buys the ticket as soon as it is free: it does not come back."""
        new = self.world.chance.new_id
        order, rival = new(), new()
        for _ in range(TRIES_MAX):
            wish = Reserve(order_id=order, user_id=rival)
            if not isinstance(await self.people.insist(TICKETS, self.ticket, wish), Refused):
                await self.plots.pay(order, rival, "tok_visa")
                return
            await asyncio.sleep(0.1)


Way = Callable[[Cast], Awaitable[None]]


async def pay_by_token(cast: Cast) -> None:
    await cast.pay("tok_visa")


async def pay_by_checkout(cast: Cast) -> None:
    await cast.visit("tok_visa")


async def decline_then_pay(cast: Cast) -> None:
    await cast.pay("tok_declined")
    await cast.visit("tok_declined", "tok_visa")


async def pay_while_expiring(cast: Cast) -> None:
    await cast.visit("tok_visa", before_the_end_s=0.1)


async def cancel_while_paying(cast: Cast) -> None:
    await asyncio.gather(cast.visit("tok_bank_yes"), _after(0.3, cast.cancel))


async def pay_and_be_refunded(cast: Cast) -> None:
    await cast.pay("tok_visa")
    await cast.refund()


async def late_money(cast: Cast) -> None:
    """The ticket is still there when the money comes."""
    await asyncio.gather(cast.pay("tok_bank"), _after(0.3, cast.cancel))


async def late_money_too_late(cast: Cast) -> None:
    """Somebody else has the ticket when the money comes."""
    await asyncio.gather(late_money(cast), _after(0.35, cast.buy_too))


async def late_money_given_back(cast: Cast) -> None:
    """Somebody sees it in the dashboard and gives it back, while the order asks for its ticket."""
    await late_money(cast)


async def _after(delay_s: float, act: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(delay_s)
    await act()


WAYS: Mapping[str, Way] = {
    way.__name__: way
    for way in (
        pay_by_token,
        pay_by_checkout,
        decline_then_pay,
        pay_while_expiring,
        cancel_while_paying,
        pay_and_be_refunded,
        late_money,
        late_money_too_late,
        late_money_given_back,
    )
}
GIVEN: Mapping[str, tuple[str, ...]] = {
    "late_money": ("late money",),
    "late_money_too_late": ("late money",),
    "late_money_given_back": ("late money", "refunded by hand"),
}
"""What happens in a way besides what people do."""
