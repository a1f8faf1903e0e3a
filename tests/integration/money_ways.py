"""The ways of an order's money over HTTP: paying, cancelling, expiring, being refunded."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from bson import ObjectId

from tests.integration.office import Office

TRIES = 120
"""How often a request is made whose answers tell nothing, a quarter of a second apart."""


class TooLate(Exception):
    """The order's window closed before its schedule had begun: it proves nothing."""


@dataclass
class Shop:
    """One client for everybody, and the sessions of a seller and a buyer."""

    http: httpx.AsyncClient
    office: Office
    shaken: bool = False
    """Whether processes die, so that an answer may be a 500 of the proxy's, or a broken connection."""

    seller: str = field(init=False)
    buyer: str = field(init=False)

    def __post_init__(self) -> None:
        """Both are new."""
        self.seller, self.buyer = (self.office.session(ObjectId()) for _ in range(2))

    @property
    def telling_nothing(self) -> tuple[int, ...]:
        """Answers after which a client repeats its request; the proxy makes 500 of a 503 while no replica answers."""
        return (500, 503) if self.shaken else (503,)


@dataclass
class Sale:
    """One order for a ticket of its own, and what people do about it."""

    shop: Shop
    order_id: str = ""

    async def reserve(self) -> str:
        """Its id."""
        key = f"reserve {ObjectId()}"
        ticket = await self._ask("/api/tickets", {"title": "seat", "price": 19.99}, key, seller=True)
        order = await self._ask("/api/orders", {"ticketId": ticket.raise_for_status().json()["id"]}, key)
        self.order_id = order.raise_for_status().json()["id"]
        return self.order_id

    async def try_to_pay(self, token: str, key: str) -> httpx.Response:
        """Stripe's word about one card."""
        return await self._ask("/api/payments", {"orderId": self.order_id, "token": token}, f"{key} {self.order_id}")

    async def pay(self) -> None:
        """What was given up rather than guessed took no money: then another try works."""
        for attempt in range(4):
            answer = await self.try_to_pay("tok_visa", f"pay {attempt}")
            if answer.status_code != 402:
                break
        assert answer.status_code == 201, answer.text

    async def be_declined(self) -> None:
        """Try a card that the bank refuses."""
        answer = await self.try_to_pay("tok_chargeDeclined", "declined")
        assert answer.status_code == 402, answer.text

    async def be_challenged(self) -> None:
        """Try a card that waits for 3-D Secure, which is never passed; a doubtful confirm is followed by another."""
        for attempt in range(4):
            answer = await self.try_to_pay("tok_threeDSecure2Required", f"challenged {attempt}")
            if answer.status_code != 402:
                break
        refuse_if_too_late(answer)
        assert answer.status_code == 202, answer.text

    async def open_page(self) -> str:
        """The address of Stripe's page."""
        page = await self._ask("/api/payments/checkout", {"orderId": self.order_id}, f"page {self.order_id}")
        refuse_if_too_late(page)
        assert page.status_code == 201, page.text
        return str(page.json()["url"])

    async def pay_on(self, page: str) -> None:
        """Press the button on Stripe's page, as a browser posts its form."""
        form = re.search(r'name="attempt" value="(\d+)"', (await self._send("GET", page)).text)
        assert form, "the page has a form"
        await self._send("POST", page, data={"attempt": form[1], "action": "pay", "card": "visa"})

    async def cancel(self) -> None:
        """The buyer ends the order."""
        answer = await self._ask(f"/api/orders/{self.order_id}", None, f"cancel {self.order_id}", method="DELETE")
        assert answer.status_code == 204, answer.text

    async def refund(self) -> None:
        """The seller gives the money back."""
        answer = await self._ask(f"/api/orders/{self.order_id}/refund", None, f"refund {self.order_id}", seller=True)
        assert answer.status_code == 202, answer.text

    async def _ask(
        self, path: str, body: dict[str, Any] | None, key: str, *, method: str = "POST", seller: bool = False
    ) -> httpx.Response:
        """The answer to one request; one that tells nothing is repeated under the same key."""
        session = self.shop.seller if seller else self.shop.buyer
        headers = {"Cookie": f"session={session}", "Idempotency-Key": key}
        return await self._send(method, path, json=body, headers=headers)

    async def _send(self, method: str, path: str, **what: Any) -> httpx.Response:
        answer: object = None
        for _ in range(TRIES):
            try:
                answer = await self.shop.http.request(method, path, **what)
                if answer.status_code not in self.shop.telling_nothing:
                    return answer
            except httpx.TransportError as broken:
                if not self.shop.shaken:
                    raise
                answer = broken
            await asyncio.sleep(0.25)
        raise AssertionError(f"{method} {path} of order {self.order_id} tells nothing after {TRIES} tries: {answer!r}")


def refuse_if_too_late(answer: httpx.Response) -> None:
    """TooLate if the order had ended."""
    if answer.status_code == 400 and answer.json()["errors"][0]["code"] == "order_cancelled":
        raise TooLate(answer.text)


Way = Callable[[Sale], Awaitable[None]]


async def paid(sale: Sale) -> None:
    await sale.pay()


async def declined_then_paid(sale: Sale) -> None:
    await sale.be_declined()
    await sale.pay()


async def paid_on_the_page(sale: Sale) -> None:
    await sale.pay_on(await sale.open_page())


async def paid_then_refunded(sale: Sale) -> None:
    await sale.pay()
    await sale.refund()


async def page_then_cancelled(sale: Sale) -> None:
    await sale.open_page()
    await sale.cancel()


async def challenged_then_cancelled(sale: Sale) -> None:
    await sale.be_challenged()
    await sale.cancel()


async def page_left_open(sale: Sale) -> None:
    """Until the window closes."""
    await sale.open_page()


async def challenge_left_open(sale: Sale) -> None:
    """Until the window closes."""
    await sale.be_challenged()


async def paid_as_the_window_closes(sale: Sale) -> None:
    """Whether in time is for Stripe to say: the answer is the money's, or that the order has ended."""
    answer = await sale.try_to_pay("tok_visa", "pay")
    assert answer.status_code in (201, 400), answer.text
    payment = sale.shop.office.mongo.payments.find_one({"_id": ObjectId(sale.order_id)}) or {}
    if "stripeId" not in payment.get("attempt", {}):
        raise TooLate(answer.text)
