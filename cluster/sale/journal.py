"""What buyers were told, and whether the database still says so: nothing acknowledged may be lost. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from cluster.audit.violation import Violation, order as order_name, payment as payment_name
from cluster.sale.figures import Outcome

Document = Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Promise:
    """An order as its buyer was told of it by a 201, and what he was told since."""

    order_id: ObjectId
    ticket_id: ObjectId
    user_id: ObjectId
    version: int
    price: int
    """Cents."""

    expires_at: datetime
    paid_with: str | None = None
    """Stripe's object, once a 201 said that he has paid."""

    cancelled: bool = False
    """A 204 said so."""

    abandoned: bool = False
    """He left, or could not pay: the order is to expire."""

    def note(self, became: Outcome, body: Document) -> None:
        """Write down what a later answer adds."""
        if became == "paid":
            self.paid_with = str(body.get("stripeId"))
        elif became == "cancelled":
            self.cancelled = True
        elif became in ("declined", "late"):
            self.abandoned = True


def promised(body: Document, user_id: ObjectId, *, abandoned: bool) -> Promise:
    """What an order's 201 promises to the one who asked."""
    return Promise(
        order_id=ObjectId(body["id"]),
        ticket_id=ObjectId(body["ticket"]["id"]),
        user_id=user_id,
        version=body["version"],
        price=round(body["ticket"]["price"] * 100),
        expires_at=datetime.fromisoformat(body["expiresAt"]),
        abandoned=abandoned,
    )


class Journal:
    """Every promise of one sale, by order."""

    def __init__(self) -> None:
        """Nobody was promised anything."""
        self.promises: dict[ObjectId, Promise] = {}
        self.changed: list[Violation] = []
        """Answers that were another one when they were asked for again under the same key."""

    def reserved(self, promise: Promise) -> None:
        """Somebody was told that he has an order."""
        self.promises[promise.order_id] = promise

    def repeated(self, order_id: ObjectId, again: tuple[int, str]) -> None:
        """The same request was answered again, with a status and an order's id."""
        if again != (201, str(order_id)):
            sentence = f"Asked again under the same key, the answer was {again[0]} and order {again[1] or 'none'}."
            self.changed.append(Violation("answer_differs", sentence, (order_name(order_id),)))

    def broken(self, stored: Mapping[ObjectId, Document]) -> Iterator[Violation]:
        """Every promise that `stored` orders do not keep."""
        yield from self.changed
        for promise in self.promises.values():
            if sentence := lost(promise, stored.get(promise.order_id)):
                names = (order_name(promise.order_id), f"tickets/{promise.ticket_id}")
                paid = (payment_name(promise.paid_with),) if promise.paid_with else ()
                yield Violation("acknowledged_lost", sentence, names + paid)


def lost(promise: Promise, order: Document | None) -> str | None:
    """What is missing from the stored order of what its buyer was told; None where nothing is."""
    if order is None:
        return "It was acknowledged with 201 and does not exist."
    told = (promise.user_id, promise.ticket_id, promise.price)
    if (order["userId"], order["ticket"]["id"], order["ticket"]["price"]) != told:
        return "It was acknowledged for another buyer or ticket, or at another price."
    if order["version"] < promise.version:
        return f"It was acknowledged at version {promise.version} and is stored at {order['version']}."
    payment = order.get("payment", {})
    if promise.paid_with and (order["status"], payment.get("stripeId")) != ("complete", promise.paid_with):
        return f"Its payment was acknowledged, and it is {order['status']}, paid by {payment.get('stripeId')}."
    if promise.cancelled and order["status"] != "cancelled":
        return f"Its cancellation was acknowledged, and it is {order['status']}."
    return None
