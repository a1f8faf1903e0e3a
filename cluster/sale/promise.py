"""An order as its buyer was told of it, and what he was told since. Pure; moments in seconds after the doors opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from cluster.sale.figures import Outcome
from cluster.sale.granted import Granted

Document = Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Promise:
    """What a 201 said, and what came of it."""

    order_id: ObjectId
    ticket_id: ObjectId
    user_id: ObjectId
    version: int
    price: int
    """Cents."""

    expires_at: datetime
    asked_s: float
    """When he first asked for the ticket: his order did not exist before."""

    told_s: float
    """When he was told: it existed by then."""

    left_s: float
    """Seconds from then until `expires_at`, by the marketplace's clock, as it was read when the sale began."""

    paid_with: str | None = None
    """Stripe's object, once a 201 said that he has paid."""

    paid_s: float | None = None
    """When it said so."""

    cancelled: bool = False
    """A 204 said so."""

    gave_back_s: float | None = None
    """When he asked to cancel it, whatever he heard of that."""

    abandoned: bool = False
    """He left, could not pay, or came too late: the order is to expire, or has."""

    ended_s: float | None = None
    """When it was first known to be over."""

    @property
    def is_settled(self) -> bool:
        """Whether it ended as its buyer wanted, by what he was told."""
        return self.paid_with is not None or (self.cancelled and not self.abandoned)

    def is_over(self, now_s: float) -> bool:
        """Whether its time is over, or it is known to be."""
        return self.ended_s is not None or now_s >= self.told_s + self.left_s

    def note(self, became: Outcome, body: Document, at_s: float) -> Outcome:
        """Write down what a later answer adds; what it means.

        Who asks to cancel what has expired already is told the same as who gives it back in time.
        """
        if became == "cancelled":
            self.cancelled = True
            asked_s = at_s if self.gave_back_s is None else self.gave_back_s
            became = "late" if self.is_over(asked_s) else became
        if became == "paid":
            self.paid_with, self.paid_s = str(body.get("stripeId")), at_s
        elif became in ("declined", "late"):
            self.abandoned = True
        if became == "late":
            self.over(at_s)
        return became

    def over(self, at_s: float) -> None:
        """It was seen to be over."""
        if self.ended_s is None:
            self.ended_s = at_s


def promised(
    order: Granted, user_id: ObjectId, *, abandoned: bool, asked_s: float, told_s: float, now: datetime
) -> Promise:
    """What an order's 201 promises to the one who asked; it came at `told_s`, which is `now`."""
    return Promise(
        order_id=order.order_id,
        ticket_id=order.ticket_id,
        user_id=user_id,
        version=order.version,
        price=order.price,
        expires_at=order.expires_at,
        asked_s=asked_s,
        told_s=told_s,
        left_s=(order.expires_at - now).total_seconds(),
        abandoned=abandoned,
    )
