"""Snapshots as MongoDB stores them, and the facts in them that the audit needs. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from cluster.audit.facts import Attempt, Hold, Order, Ticket

Document = dict[str, Any]
T = TypeVar("T")

TICKET = {"sold": 1, "hold": 1, "holdNumber": 1}
ORDER = {
    "ticket.id": 1,
    "ticket.price": 1,
    "userId": 1,
    "status": 1,
    "holdNumber": 1,
    "expiresAt": 1,
    "payment.status": 1,
}
PAYMENT = {"attempt": 1, "past": 1}


class ForeignDocument(Exception):
    """A document that this version of Box Office cannot have written: `collection/id`."""


def read(service: str, facts_of: Callable[[Document], T], documents: Iterable[Document]) -> Iterator[T]:
    """The facts in each document.

    Raises:
        ForeignDocument: a field is missing or of another kind.
    """
    for document in documents:
        try:
            yield facts_of(document)
        except (KeyError, TypeError, AttributeError) as error:
            raise ForeignDocument(f"{service}/{document['_id']}") from error


def ticket_of(document: Document) -> Ticket:
    """The facts in a ticket's snapshot."""
    held = document.get("hold")
    hold = Hold(order_id=held["orderId"], user_id=held["userId"], number=held["holdNumber"]) if held else None
    return Ticket(id=document["_id"], sold=document["sold"], hold=hold, holds=document["holdNumber"])


def order_of(document: Document) -> Order:
    """The facts in an order's snapshot."""
    return Order(
        id=document["_id"],
        ticket_id=document["ticket"]["id"],
        user_id=document["userId"],
        status=document["status"],
        hold_number=document["holdNumber"],
        price=document["ticket"]["price"],
        expires_at=document["expiresAt"],
        payment=document.get("payment", {}).get("status"),
    )


def attempts_of(document: Document) -> tuple[Attempt, ...]:
    """The attempts in a payment's snapshot that Stripe knows of."""
    attempts = (document["attempt"], *document.get("past", ()))
    return tuple(_attempt(document, each) for each in attempts if each.get("stripeId"))


def _attempt(document: Document, attempt: Document) -> Attempt:
    since = attempt["since"] if attempt["phase"] == "refunding" else None
    return Attempt(
        order_id=document["_id"],
        stripe_id=attempt["stripeId"],
        returning_since=since,
        refunds=attempt.get("refunds", 0),
    )
