"""Snapshots as MongoDB stores them, and the facts in them that the audit needs. Pure."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from bson import ObjectId

from cluster.audit.facts import Account, Attempt, Hold, Order, Ticket
from cluster.audit.fields import ForeignField, field, field_or_none

Document = dict[str, Any]
T = TypeVar("T")

TICKET = {"sold": 1, "hold": 1, "holdNumber": 1, "price": 1}
ORDER = {
    "ticket.id": 1,
    "ticket.price": 1,
    "userId": 1,
    "status": 1,
    "holdNumber": 1,
    "furtherHolds": 1,
    "expiresAt": 1,
    "payment.status": 1,
    "payment.stripeId": 1,
    "payment.amount": 1,
}
PAYMENT = {"attempt": 1, "past": 1}
ACCOUNT = {"status": 1} | {f"{each}.{name}": 1 for each in PAYMENT for name in ("phase", "stripeId", "amount")}
TAKEN = frozenset({"succeeded", "refunding", "refunded"})
"""Phases of an attempt that took money, whatever became of it."""


class ForeignDocument(Exception):
    """A document that this version of Box Office cannot have written: `collection/id (field holdNumber)`."""


def read(service: str, facts_of: Callable[[Document], T], documents: Iterable[Document]) -> Iterator[T]:
    """The facts in each document.

    Raises:
        ForeignDocument: a field is missing or of another type.
    """
    for document in documents:
        try:
            yield facts_of(document)
        except ForeignField as error:
            raise ForeignDocument(f"{service}/{document['_id']} (field {error})") from error


def ticket_of(document: Document) -> Ticket:
    """The facts in a ticket's snapshot."""
    return Ticket(
        id=field(document, "_id", ObjectId),
        price=field(document, "price", int),
        sold=field(document, "sold", bool),
        hold=_hold(document) if field_or_none(document, "hold", dict) is not None else None,
        holds=field(document, "holdNumber", int),
    )


def _hold(document: Document) -> Hold:
    return Hold(
        order_id=field(document, "hold.orderId", ObjectId),
        user_id=field(document, "hold.userId", ObjectId),
        number=field(document, "hold.holdNumber", int),
    )


def order_of(document: Document) -> Order:
    """The facts in an order's snapshot."""
    is_paid_for = field_or_none(document, "payment", dict) is not None
    return Order(
        id=field(document, "_id", ObjectId),
        ticket_id=field(document, "ticket.id", ObjectId),
        user_id=field(document, "userId", ObjectId),
        status=field(document, "status", str),
        hold_number=field(document, "holdNumber", int),
        price=field(document, "ticket.price", int),
        expires_at=field(document, "expiresAt", datetime),
        payment=field(document, "payment.status", str) if is_paid_for else None,
        stripe_id=field_or_none(document, "payment.stripeId", str),
        amount=field_or_none(document, "payment.amount", int),
        further_holds=field_or_none(document, "furtherHolds", int),
    )


def attempts_of(document: Document) -> tuple[Attempt, ...]:
    """The attempts in a payment's snapshot that Stripe knows of."""
    return tuple(_attempt(document, each) for each in _tries(document) if field_or_none(each, "stripeId", str))


def account_of(document: Document) -> Account:
    """The facts in a payment's snapshot, whether anything was tried or not."""
    return Account(
        order_id=field(document, "_id", ObjectId),
        status=field(document, "status", str),
        phases=tuple(field(each, "phase", str) for each in _tries(document)),
        takings=tuple(_taking(each) for each in _tries(document) if each["phase"] in TAKEN),
    )


def _taking(attempt: Document) -> tuple[str, int]:
    return field(attempt, "stripeId", str), field(attempt, "amount", int)


def _tries(document: Document) -> tuple[Any, ...]:
    """All attempts that are stored, newest first."""
    newest = field_or_none(document, "attempt", dict)
    return (*([] if newest is None else [newest]), *(field_or_none(document, "past", list) or ()))


def _attempt(document: Document, attempt: Document) -> Attempt:
    is_returning = field(attempt, "phase", str) == "refunding"
    return Attempt(
        order_id=field(document, "_id", ObjectId),
        stripe_id=field(attempt, "stripeId", str),
        returning_since=field(attempt, "since", datetime) if is_returning else None,
        refunds=field_or_none(attempt, "refunds", int) or 0,
    )
