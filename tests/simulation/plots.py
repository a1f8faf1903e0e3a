"""What the people of a schedule are up to: sellers, crowds of buyers, and all the ways to get in each other's way."""

import asyncio
from typing import TYPE_CHECKING

from actors.contract import (
    AUTH,
    ORDERS,
    TICKETS,
    CancelOrder,
    CreateTicket,
    EditTicket,
    Granted,
    Id,
    OrderReply,
    PaymentMethod,
    PayOrder,
    RefundOrder,
    Reserve,
    SignUp,
)

from .people import People
from .visits import Visits

if TYPE_CHECKING:
    from .world import World

PLOTS = (
    "pay",
    "pay by bank",
    "pay slowly",
    "pay after a decline",
    "pay twice at once",
    "pay and cancel at once",
    "pay and be refunded",
    "pay and be refunded",
    "pay late",
    "pay on the page",
    "pay on the page after a decline",
    "pay on the page after a declined token",
    "pay on the page by bank",
    "pay on the page at the last moment",
    "pay on the page and with a token",
    "click twice on the page",
    "cancel while the page is open",
    "abandon the page",
    "cancel",
    "forget",
)
BANKS = ("tok_bank_yes", "tok_bank_no", "tok_bank")
SLOW = ("tok_slow_yes", "tok_slow_yes", "tok_slow_no")
"""What a buyer at his bank comes to, and a bank that takes its time."""

CENTS = (4, 50, 1999, 2500, 1_000_003)
"""Prices; Stripe refuses the first."""


class Plots:
    """Writes the parts and sends everybody on stage."""

    def __init__(self, world: "World", people: People) -> None:
        self.world = world
        self.chance = world.chance
        self.people = people
        self.visits = Visits(world, people)
        self.seller = self.chance.new_id()

    def begin(self) -> None:
        """Few tickets, many who want them, and two who want the same account."""
        for n in range(self.chance.number(1, 2)):
            ticket = self.chance.new_id()
            self.people.enter(f"seller of ticket {n}", self.sell(ticket))
            for m in range(self.chance.number(1, 4)):
                self.people.enter(f"buyer {m} of ticket {n}", self.buy(ticket, self.chance.new_id()))
        if self.chance.hit(0.2):
            for n in range(2):
                self.people.enter(f"sign-up {n}", self.sign_up())

    async def pause(self, low_s: float, high_s: float) -> None:
        """Think."""
        await asyncio.sleep(self.chance.between(low_s, high_s))

    async def sign_up(self) -> None:
        """Open an account under an address that others want too."""
        await self.pause(0, 0.3)
        user, email = self.chance.new_id(), "ada@example.com"
        await self.people.wish(AUTH, email, lambda: SignUp(user_id=user, password_hash="x"))

    async def sell(self, ticket: Id) -> None:
        """List a ticket, and change one's mind about it."""
        price = self.chance.pick(CENTS)
        await self.people.insist(TICKETS, ticket, CreateTicket(user_id=self.seller, title="Front row", price=price))
        for n in range(self.chance.number(0, 2)):
            await self.pause(0, 4)
            edit = EditTicket(user_id=self.seller, title=f"Row {n}", price=self.chance.pick(CENTS))
            await self.people.wish(TICKETS, ticket, lambda edit=edit: edit)

    async def buy(self, ticket: Id, buyer: Id) -> None:
        """Reserve, and live with it; refused, try again later, a few times."""
        await self.pause(0, 1)
        for _ in range(self.chance.number(1, 3)):
            order = self.chance.new_id()
            reply = await self.people.wish(TICKETS, ticket, lambda order=order: Reserve(order_id=order, user_id=buyer))
            if isinstance(reply, OrderReply | Granted):
                await self.live(order, buyer)
                if self.chance.hit(0.15):  # under the id of an order that may be over: the hold must go straight back
                    await self.people.wish(TICKETS, ticket, lambda order=order: Reserve(order_id=order, user_id=buyer))
                if self.chance.hit(0.5):
                    return
            await self.pause(0, 5)

    async def live(self, order: Id, buyer: Id) -> None:
        """One order's fate."""
        plot = self.chance.pick(PLOTS)
        self.world.note("plot", order, plot)
        await self.pause(0, 1.5)
        match plot:
            case "pay":
                await self.pay(order, buyer, "tok_visa")
            case "pay by bank":
                await self.pay(order, buyer, self.chance.pick(BANKS))
            case "pay slowly":
                await self.pay(order, buyer, self.chance.pick(SLOW))
            case "pay after a decline":
                await self.pay(order, buyer, "tok_declined")
                await self.pay(order, buyer, "tok_visa")
            case "pay twice at once":
                await asyncio.gather(self.pay(order, buyer, "tok_visa"), self.pay(order, buyer, "tok_slow_yes"))
            case "pay and cancel at once":
                token = self.chance.pick(("tok_visa", *SLOW, *BANKS))
                await asyncio.gather(self.pay(order, buyer, token), self.cancel(order, buyer))
            case "pay and be refunded":
                await self.chance.pick((self.pay, self.visits.pay))(order, buyer, "tok_visa")
                await asyncio.gather(*(self.refund(order) for _ in range(self.chance.number(1, 2))))
            case "pay late":
                await asyncio.sleep(max(0.0, self.world.window_s - self.chance.between(0, 2)))
                await self.pay(order, buyer, "tok_visa")
            case "cancel":
                await self.cancel(order, buyer)
            case _:
                await self.live_on_the_page(plot, order, buyer)

    async def live_on_the_page(self, plot: str, order: Id, buyer: Id) -> None:
        """The fates that lead to Stripe's page."""
        pay = self.visits.pay
        match plot:
            case "pay on the page":
                await pay(order, buyer, self.chance.pick(("tok_visa", *SLOW)))
            case "pay on the page after a decline":
                await pay(order, buyer, "tok_declined", "tok_visa")
            case "pay on the page after a declined token":
                await self.pay(order, buyer, "tok_declined")
                await pay(order, buyer, "tok_visa")
            case "pay on the page by bank":
                await pay(order, buyer, self.chance.pick(BANKS))
            case "pay on the page at the last moment":
                moment_s = self.chance.fraction() * 0.8 - 0.4
                await pay(order, buyer, self.chance.pick(("tok_visa", *BANKS)), before_the_end_s=moment_s)
            case "pay on the page and with a token":
                await asyncio.gather(pay(order, buyer, "tok_visa"), self.pay(order, buyer, "tok_visa"))
            case "click twice on the page":
                await asyncio.gather(pay(order, buyer, "tok_visa", "tok_visa"), pay(order, buyer, "tok_visa"))
            case "cancel while the page is open":
                token = self.chance.pick(("tok_visa", "tok_declined", *BANKS))
                await asyncio.gather(pay(order, buyer, token), self.cancel(order, buyer))
            case "abandon the page":
                await pay(order, buyer)

    async def pay(self, order: Id, buyer: Id, token: str) -> None:
        """Pay, and wait for what comes of it."""
        await self.pause(0, 0.2)
        payment = self.chance.new_id()
        wish = PayOrder(user_id=buyer, payment_id=payment, method=PaymentMethod(token=token))
        if isinstance(await self.people.wish(ORDERS, order, lambda: wish), OrderReply):
            await self.people.settle(order, ORDERS, 6, payment)

    async def cancel(self, order: Id, buyer: Id) -> None:
        """Change one's mind."""
        await self.pause(0, 0.4)
        await self.people.wish(ORDERS, order, lambda: CancelOrder(user_id=buyer))

    async def refund(self, order: Id) -> None:
        """The seller gives the money back, or tries to, now and perhaps once more."""
        for _ in range(self.chance.number(1, 2)):
            await self.pause(0, 1)
            await self.people.wish(ORDERS, order, lambda: RefundOrder(user_id=self.seller))
