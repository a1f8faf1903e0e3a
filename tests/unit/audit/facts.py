"""A ticket that is sold and one that is held, each in order; the tests plant what is wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from cluster.audit.facts import File, Hold, Order, Payment, Ticket

NOW = datetime(2030, 1, 1, tzinfo=UTC)
GRACE = timedelta(seconds=30)


def order_of(number: int = 1, **changes: Any) -> Order:
    found = Order(
        id=ObjectId(),
        ticket_id=ObjectId(),
        user_id=ObjectId(),
        status="created",
        hold_number=number,
        price=1999,
        expires_at=NOW + timedelta(minutes=15),
    )
    return replace(found, **changes)


def paid(order: Order, **changes: Any) -> Payment:
    return replace(Payment(id=f"pi_{ObjectId()}", order_id=order.id, captured=1999, refunded=0), **changes)


def file_of(order: Order, *others: Order, payments: tuple[Payment, ...] = (), **changes: Any) -> File:
    """`order` holds its ticket; `others` are further orders for it, and the payments are the first one's.

    The order names the first of them.
    """
    if payments:
        order = replace(order, stripe_id=payments[0].id, amount=payments[0].captured)
    hold = Hold(order_id=order.id, user_id=order.user_id, number=order.hold_number)
    ticket = Ticket(id=order.ticket_id, price=1999, sold=order.status == "complete", hold=hold, holds=order.hold_number)
    orders = tuple(replace(each, ticket_id=order.ticket_id) for each in (order, *others))
    money = {order.id: payments} if payments else {}
    return File(ticket_id=order.ticket_id, ticket=replace(ticket, **changes), orders=orders, payments=money)


def held(**changes: Any) -> File:
    """A ticket that its second buyer holds."""
    return file_of(order_of(2), order_of(1, status="cancelled"), **changes)


def sold(*more: Payment, **changes: Any) -> File:
    """A ticket that is paid."""
    order = order_of(status="complete", payment="paid")
    return file_of(order, payments=(paid(order), *more), **changes)
