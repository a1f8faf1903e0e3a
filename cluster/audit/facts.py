"""What the audit knows of a ticket, its orders and its money: only the fields that the rules need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from bson import ObjectId

UNPAID = frozenset({"created", "awaiting:payment"})
"""Statuses of an order that holds its ticket and has not paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Who holds a ticket, by the ticket's own word."""

    order_id: ObjectId
    user_id: ObjectId
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One ticket."""

    id: ObjectId
    price: int
    """Cents it is sold or held for; of a free one, what its seller asks."""

    sold: bool = False
    hold: Hold | None = None
    holds: int = 0
    """How many holds it says it ever granted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order."""

    id: ObjectId
    ticket_id: ObjectId
    user_id: ObjectId
    status: str
    hold_number: int
    """Of its last hold."""

    price: int
    """Cents it costs."""

    expires_at: datetime
    payment: str | None = None
    """Status of its payment, None where there never was one."""

    stripe_id: str | None = None
    """Of that payment at Stripe."""

    amount: int | None = None
    """Cents of that payment."""

    further_holds: int | None = 0
    """Holds it had before the last one; None where a version wrote it that did not count them."""

    @property
    def is_live(self) -> bool:
        """Whether it holds its ticket, paid or not."""
        return self.status != "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at paying, by the payments service's own books."""

    order_id: ObjectId
    stripe_id: str
    """Of its intent or its Checkout session."""

    returning_since: datetime | None = None
    """When the present try to give its money back begins or began; None where nobody gives it back."""

    refunds: int = 0
    """How often that was tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An order's money by the payments service's own books, as far as its statuses go."""

    order_id: ObjectId
    status: str
    phases: tuple[str, ...] = ()
    """Of each attempt, the newest first."""

    takings: tuple[tuple[str, int], ...] = ()
    """Of each attempt that took money: its id at Stripe, and how many cents."""


class Sale(NamedTuple):
    """A complete order, and the object at Stripe that paid for it by its own word."""

    order_id: ObjectId
    stripe_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One PaymentIntent that took money; amounts in cents."""

    id: str
    order_id: ObjectId | None
    """The order it names; None where it names none."""

    captured: int
    refunded: int
    """Given back, or on its way back at Stripe."""

    returning: bool = False
    """The payments service is giving it back, and has not been at it for too long."""

    @property
    def kept(self) -> int:
        """Cents that stay."""
        return self.captured - self.refunded


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Everything that is known around one ticket."""

    ticket_id: ObjectId
    ticket: Ticket | None
    """None where orders name a ticket that does not exist."""

    granted: int | None = None
    """How many holds the ticket had granted before its orders were looked for, where it was read again since."""

    orders: tuple[Order, ...] = ()
    stranger: Order | None = None
    """The order that holds the ticket and is for another one; only second looks find it."""

    payments: Mapping[ObjectId, tuple[Payment, ...]] = field(default_factory=dict)
    """The money of each order that has any."""

    @property
    def is_uncounted(self) -> bool:
        """Whether nobody counted how many holds one of the orders had."""
        return any(each.further_holds is None for each in self.orders)
