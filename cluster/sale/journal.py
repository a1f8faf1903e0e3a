"""What buyers were told, and whether the marketplace still says so: nothing acknowledged may be lost. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from bson import ObjectId

from cluster.audit.violation import Code, Violation, order as order_name, payment as payment_name, ticket as ticket_name
from cluster.sale.lasting import Span, ended_early, overdue, overlapping, span
from cluster.sale.promise import Document, Promise

ROUNDED = timedelta(milliseconds=1)
"""The API shows times to the millisecond."""


class Read(NamedTuple):
    """When stored orders were read, in seconds after the doors opened."""

    began_s: float
    ended_s: float


class Journal:
    """Every promise of one sale, by order."""

    def __init__(self) -> None:
        """Nobody was promised anything."""
        self.promises: dict[ObjectId, Promise] = {}
        self.changed: list[Violation] = []
        """Answers that cannot be: another one under the same key, another buyer's order, or another ticket's."""

    def reserved(self, promise: Promise) -> None:
        """Somebody was told that he has an order, which nobody else may have been told of."""
        known = self.promises.setdefault(promise.order_id, promise)
        if known.user_id != promise.user_id:
            self.differs(promise.order_id, f"It was acknowledged to two buyers, {known.user_id} and {promise.user_id}.")

    def repeated(self, order_id: ObjectId, again: tuple[int, str]) -> None:
        """The same request was answered again, with a status and an order's id."""
        if again != (201, str(order_id)):
            sentence = f"Asked again under the same key, the answer was {again[0]} and order {again[1] or 'none'}."
            self.differs(order_id, sentence)

    def differs(self, order_id: ObjectId, sentence: str) -> None:
        """An answer told of this order, and was not the one it had to be."""
        self.changed.append(Violation("answer_differs", sentence, (order_name(order_id),)))

    def cut_off(self) -> None:
        """The sale is interrupted: whoever holds a ticket does nothing about it any more."""
        for promise in self.promises.values():
            promise.abandoned = promise.abandoned or not promise.is_settled

    def lost(self, stored: Mapping[ObjectId, Document]) -> Iterator[Violation]:
        """Every promise of which `stored` orders have lost something; how long they last nobody compares."""
        for promise in self.promises.values():
            if sentence := lost(promise, stored.get(promise.order_id)):
                yield _about(promise, "acknowledged_lost", sentence)

    def broken(self, stored: Mapping[ObjectId, Document], read: Read, grace_s: float) -> Iterator[Violation]:
        """Every promise that `stored` orders do not keep; `grace_s` is how late an expiry may be."""
        yield from self.changed
        spans: dict[ObjectId, list[Span]] = defaultdict(list)
        for promise in self.promises.values():
            order = stored.get(promise.order_id)
            spans[promise.ticket_id].append(span(promise, order))
            if found := wrong(promise, order, read, grace_s):
                yield _about(promise, *found)
        for ticket_id, of_ticket in spans.items():
            yield from _oversold(ticket_id, of_ticket)


def wrong(promise: Promise, order: Document | None, read: Read, grace_s: float) -> tuple[Code, str] | None:
    """How the stored order breaks what its buyer was told; None where it does not."""
    if sentence := lost(promise, order):
        return "acknowledged_lost", sentence
    assert order is not None, "else it is lost"
    if sentence := ended_early(promise, order, read.ended_s):
        return "ended_early", sentence
    if sentence := overdue(promise, order, read.began_s, grace_s):
        return "hold_overdue", sentence
    return None


def lost(promise: Promise, order: Document | None) -> str | None:
    """What is missing from the stored order of what its buyer was told; None where nothing is."""
    if order is None:
        return "It was acknowledged with 201 and does not exist."
    told = (promise.user_id, promise.ticket_id, promise.price)
    if (order["userId"], order["ticket"]["id"], order["ticket"]["price"]) != told:
        return "It was acknowledged for another buyer or ticket, or at another price."
    if abs(order["expiresAt"] - promise.expires_at) > ROUNDED:
        return f"It was acknowledged until {promise.expires_at} and is stored until {order['expiresAt']}."
    if order["version"] < promise.version:
        return f"It was acknowledged at version {promise.version} and is stored at {order['version']}."
    payment = order.get("payment", {})
    if promise.paid_with and (order["status"], payment.get("stripeId")) != ("complete", promise.paid_with):
        return f"Its payment was acknowledged, and it is {order['status']}, paid by {payment.get('stripeId')}."
    if promise.cancelled and order["status"] != "cancelled":
        return f"Its cancellation was acknowledged, and it is {order['status']}."
    return None


def _about(promise: Promise, code: Code, sentence: str) -> Violation:
    names = (order_name(promise.order_id), ticket_name(promise.ticket_id))
    paid = (payment_name(promise.paid_with),) if promise.paid_with else ()
    return Violation(code, sentence, names + paid)


def _oversold(ticket_id: ObjectId, spans: Sequence[Span]) -> Iterator[Violation]:
    for one, other in overlapping(spans):
        names = (ticket_name(ticket_id), order_name(one.order_id), order_name(other.order_id))
        yield Violation("oversold", "Two buyers were promised it for the same time.", names)
