"""Stripe's books: intents, refunds and idempotency keys. Pure: the same requests make the same money.

Facts: https://docs.stripe.com/api/idempotent_requests (the stored answer is replayed, a stored 500 too) and
https://docs.stripe.com/payments/paymentintents/lifecycle
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .answers import AT_THE_BANK, DECLINED, Outcome, capture, decline, refusal

DEAD = ("succeeded", "canceled")
BACK = ("succeeded", "pending")
"""Refunds that the charge counts as given back; one that fails is taken out again."""


@dataclass
class Intent:
    """One payment intent, with the fields that Stripe calls so."""

    id: str
    amount: int
    metadata: dict[str, str]
    created: int
    status: str = "requires_payment_method"
    amount_received: int = 0
    last_payment_error: dict[str, str] | None = None
    next_action: dict[str, Any] | None = None
    client_secret: str = "secret"
    object: str = "payment_intent"
    session_id: str | None = None
    """The page it belongs to."""

    submitted: bool = False
    """Whether a buyer has ever tried to pay with it: if not, no bank knows of it."""

    late: bool = False
    """The bank paid it although it was dead."""

    @property
    def order_id(self) -> str:
        """Whose money it is."""
        return self.metadata["order_id"]


@dataclass
class Refund:
    """Money on its way back."""

    id: str
    payment_intent: str
    amount: int
    status: str = "succeeded"
    failure_reason: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    object: str = "refund"
    created: int = 0
    came_back: bool = False
    """It had succeeded, and failed after all."""

    goodwill: bool = False
    """A part that the seller gave back by hand: the sale stands."""


class Ledger:
    """All the money that Stripe knows of."""

    def __init__(self, now: Callable[[], int], changed: Callable[[str], None]) -> None:
        """Tell `changed` the id of every intent and refund that a webhook is sent for."""
        self.now = now
        self.changed = changed
        self.intents: dict[str, Intent] = {}
        self.refunds: dict[str, Refund] = {}
        self.keys: dict[str, Outcome] = {}

    def create(self, amount: int, metadata: dict[str, str], session_id: str | None = None) -> Intent:
        """A new intent, unconfirmed."""
        if amount < 50:
            raise refusal("amount_too_small")
        intent = Intent(f"pi_{len(self.intents) + 1}", amount, metadata, self.now(), session_id=session_id)
        self.intents[intent.id] = intent
        return intent

    def confirm(self, intent_id: str, token: str) -> Intent:
        """Try to take the money."""
        intent = self.intents[intent_id]
        if intent.status not in ("requires_payment_method", "requires_confirmation"):
            raise refusal("payment_intent_unexpected_state")
        intent.submitted = True
        match token.split("_")[1]:
            case "declined":
                self.fail(intent)
                raise decline()
            case "bank":
                intent.status, intent.next_action = "requires_action", AT_THE_BANK
            case "slow":
                intent.status = "processing"
            case _:
                self.succeed(intent)
        return intent

    def succeed(self, intent: Intent, late: bool = False) -> None:
        """The money is here, unless the intent was cancelled before and the bank minds."""
        if intent.status == "succeeded" or (intent.status == "canceled" and not late):
            return
        intent.late = intent.status == "canceled"
        intent.status, intent.amount_received, intent.next_action = "succeeded", intent.amount, None
        self.changed(intent.id)

    def fail(self, intent: Intent) -> None:
        """The bank said no; another card may be tried."""
        if intent.status not in DEAD:
            intent.status, intent.last_payment_error = "requires_payment_method", DECLINED
            intent.next_action = None
            self.changed(intent.id)

    def cancel(self, intent_id: str) -> Intent:
        """End an intent that has not taken money and is not just about to."""
        intent = self.intents[intent_id]
        if intent.status in (*DEAD, "processing"):
            raise refusal("payment_intent_unexpected_state")
        intent.status = "canceled"
        self.changed(intent_id)
        return intent

    def refund(self, intent_id: str, status: str, metadata: dict[str, str], part: int | None = None) -> Refund:
        """Give back what is left of it, or a part."""
        intent = self.intents[intent_id]
        left = intent.amount_received - self.given_back(intent)
        if left <= 0:
            raise refusal("charge_already_refunded")
        reason = "lost_or_stolen_card" if status == "failed" else None
        refund = Refund(f"re_{len(self.refunds) + 1}", intent_id, part or left, status, reason, metadata)
        refund.goodwill, refund.created = part is not None, self.now()
        self.refunds[refund.id] = refund
        self.changed(intent_id)
        return refund

    def end_refund(self, refund_id: str, status: str) -> None:
        """What became of a pending refund, or of one that had succeeded."""
        refund = self.refunds[refund_id]
        refund.came_back = refund.status == "succeeded"
        refund.status, refund.failure_reason = status, "declined" if status == "failed" else None
        self.changed(refund_id)

    def refunds_of(self, intent_id: str) -> list[Refund]:
        """The refunds of an intent, newest first."""
        return [each for each in reversed(self.refunds.values()) if each.payment_intent == intent_id]

    def given_back(self, intent: Intent) -> int:
        """Cents that the charge counts as refunded."""
        return sum(each.amount for each in self.refunds_of(intent.id) if each.status in BACK)

    def kept(self, intent: Intent) -> int:
        """Cents taken and not given back for good."""
        back = sum(each.amount for each in self.refunds_of(intent.id) if each.status == "succeeded")
        return intent.amount_received - back

    def perform(self, key: str | None, effect: Outcome) -> Outcome:
        """Do it, or, under a key that was used before, only say again what came of it."""
        if key in self.keys:
            return self.keys[key]
        outcome = capture(effect)
        if key is not None:
            self.keys[key] = outcome
        return outcome
