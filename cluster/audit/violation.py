"""A violation: a broken rule, in a stable word and a sentence, with the documents that show it."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from bson import ObjectId

Code = Literal[
    "oversold",
    "hold_without_order",
    "hold_of_other_ticket",
    "hold_of_ended_order",
    "hold_differs",
    "order_without_hold",
    "order_without_ticket",
    "order_without_timer",
    "order_lost",
    "payment_lost",
    "unknown_status",
    "price_differs",
    "sold_to_nobody",
    "sold_unpaid",
    "paid_unsold",
    "hold_overdue",
    "hold_number_repeated",
    "hold_number_ahead",
    "hold_number_differs",
    "order_missing",
    "sale_without_money",
    "paid_twice",
    "amount_differs",
    "payment_differs",
    "money_kept",
    "refund_overdue",
    "refund_unheard",
    "payment_without_order",
    "undelivered",
    "acknowledged_lost",
    "ended_early",
    "answer_differs",
]
"""Every way in which the books can be wrong. Machines may rely on these words."""


DOCUMENTS_MAX = 20
"""Documents of one violation that people are shown."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule."""

    code: Code
    sentence: str
    documents: tuple[str, ...]
    """Where to look: `collection/id`, or `stripe/pi_…` for what Stripe holds."""

    def documents_shown(self) -> tuple[str, ...]:
        """What people are shown of them: an order may have been repeated a hundred thousand times."""
        more = len(self.documents) - DOCUMENTS_MAX
        return (*self.documents[:DOCUMENTS_MAX], f"… and {more:,} more: see --json") if more > 0 else self.documents

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return asdict(self)


def ticket(ticket_id: ObjectId) -> str:
    """The name of a ticket's document."""
    return f"tickets/{ticket_id}"


def order(order_id: ObjectId) -> str:
    """The name of an order's document."""
    return f"orders/{order_id}"


def account(order_id: ObjectId) -> str:
    """The name of the document with an order's money, as the payments service keeps it."""
    return f"payments/{order_id}"


def timer(order_id: ObjectId) -> str:
    """The name of the document of an order's timer."""
    return f"expiration/{order_id}"


def payment(stripe_id: str) -> str:
    """The name of an object at Stripe."""
    return f"stripe/{stripe_id}"
