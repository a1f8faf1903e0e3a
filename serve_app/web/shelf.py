"""What pages show beyond the API's documents: read from the same snapshots, in the same fresh way."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from msgspec import Struct

from actors.order_payment import ATTEMPTS_MAX
from actors.runtime.codec import Document
from serve_app import views


class ShownTicket(Struct, frozen=True, kw_only=True):
    """A ticket on a page."""

    id: str
    title: str
    price: int
    """Cents."""

    seller_id: ObjectId
    version: int
    status: str
    """`available`, `reserved` or `sold`."""

    holder_id: ObjectId | None = None
    """Who holds it."""

    order_id: str = ""
    """The order that holds it; empty while it is available."""

    times_reserved: int = 0


class ShownOrder(Struct, frozen=True, kw_only=True):
    """An order on a page."""

    id: str
    status: str
    version: int
    created_at: datetime
    expires_at: datetime
    ticket_id: str
    title: str
    price: int
    """Cents, as asked when it was reserved."""

    stopping: str = ""
    """Why it is to end, while its payment is asked for the last time: `cancelled` or `expired`."""

    paid: int = 0
    """Cents of the payment, however far it came."""

    payment_status: str = ""
    """Empty before the first attempt to pay."""

    has_page: bool = False
    """Whether Stripe's page waits for the buyer."""

    is_exhausted: bool = False
    """Whether it may not be tried to pay for any more."""

    reason: str = ""
    """Why the payment is what it is."""

    reference: str = ""
    """The payment's name at Stripe."""


def ticket_of(document: Document) -> ShownTicket:
    """A ticket from its snapshot."""
    hold: dict[str, Any] = document.get("hold") or {}
    return ShownTicket(
        id=str(document["_id"]),
        title=document["title"],
        price=document["price"],
        seller_id=document["userId"],
        version=document["version"],
        status=views.state_of(document),
        holder_id=hold.get("userId"),
        order_id=str(hold.get("orderId", "")),
        times_reserved=document.get("holdNumber", 0),
    )


def order_of(document: Document) -> ShownOrder:
    """An order from its snapshot."""
    ticket, payment = document["ticket"], document.get("payment") or {}
    action: dict[str, Any] = payment.get("nextAction") or {}
    return ShownOrder(
        id=str(document["_id"]),
        status=document["status"],
        version=document["version"],
        created_at=document["createdAt"],
        expires_at=document["expiresAt"],
        ticket_id=str(ticket["id"]),
        title=ticket["title"],
        price=ticket["price"],
        stopping=document.get("stopping") or "",
        paid=payment.get("amount", 0),
        payment_status=payment.get("status", ""),
        has_page=action.get("kind") == "checkout",
        is_exhausted=payment.get("attempt", 0) >= ATTEMPTS_MAX,
        reason=payment.get("reason") or "",
        reference=payment.get("stripeId") or "",
    )


def sales_by_ticket(orders: Sequence[ShownOrder]) -> dict[str, list[ShownOrder]]:
    """The orders of each ticket."""
    found: dict[str, list[ShownOrder]] = {}
    for order in orders:
        found.setdefault(order.ticket_id, []).append(order)
    return found
