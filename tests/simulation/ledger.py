"""Stripe's books: intents, refunds and idempotency keys. Pure: the same requests make the same money.

Facts: https://docs.stripe.com/api/idempotent_requests (the stored answer is replayed, a stored 500 too) and
https://docs.stripe.com/payments/paymentintents/lifecycle
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import stripe

Outcome = Callable[[], Any]
"""Gives what Stripe answered, or raises it."""


DECLINED = {"code": "card_declined", "decline_code": "generic_decline", "message": "Your card was declined."}
"""Why a card was declined."""

AT_THE_BANK = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
"""Where the buyer proves himself."""


@dataclass
class Intent:
    """One payment intent, with the fields that Stripe calls so."""

    id: str
    amount: int
    order_id: str
    status: str = "requires_payment_method"
    amount_received: int = 0
    last_payment_error: dict[str, str] | None = None
    next_action: dict[str, Any] | None = None
    client_secret: str = "secret"
    object: str = "payment_intent"


@dataclass
class Refund:
    """Money on its way back."""

    id: str
    intent_id: str
    amount: int
    status: str = "succeeded"
    failure_reason: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    object: str = "refund"


@dataclass
class Ledger:
    """All that Stripe knows."""

    intents: dict[str, Intent] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    keys: dict[str, Outcome] = field(default_factory=dict)

    def create(self, amount: int, order_id: str) -> Intent:
        """A new intent, unconfirmed."""
        if amount < 50:
            raise refusal("amount_too_small")
        intent = Intent(id=f"pi_{len(self.intents) + 1}", amount=amount, order_id=order_id)
        self.intents[intent.id] = intent
        return replace(intent)

    def confirm(self, intent_id: str, token: str) -> Intent:
        """Try to take the money."""
        intent = self.intents[intent_id]
        if intent.status not in ("requires_payment_method", "requires_confirmation"):
            raise refusal("payment_intent_unexpected_state")
        match token:
            case "tok_declined":
                self.fail(intent_id)
                raise decline()
            case "tok_bank":
                intent.status, intent.next_action = "requires_action", AT_THE_BANK
            case "tok_slow":
                intent.status = "processing"
            case _:
                self.succeed(intent_id)
        return replace(intent)

    def succeed(self, intent_id: str) -> None:
        """The money is here, unless the intent was cancelled before."""
        intent = self.intents[intent_id]
        if intent.status in ("canceled", "succeeded"):
            return
        intent.status, intent.amount_received, intent.next_action = "succeeded", intent.amount, None

    def fail(self, intent_id: str) -> None:
        """The bank said no; another card may be tried."""
        intent = self.intents[intent_id]
        if intent.status not in ("canceled", "succeeded"):
            intent.status, intent.last_payment_error = "requires_payment_method", DECLINED
            intent.next_action = None

    def cancel(self, intent_id: str) -> Intent:
        """End an intent that has not taken money and is not just about to."""
        intent = self.intents[intent_id]
        if intent.status in ("succeeded", "canceled", "processing"):
            raise refusal("payment_intent_unexpected_state")
        intent.status = "canceled"
        return replace(intent)

    def refund(self, intent_id: str, status: str, metadata: dict[str, str]) -> Refund:
        """Give all of it back, if it was not given back before."""
        intent = self.intents[intent_id]
        if self.kept(intent) <= 0 or any(r.status == "pending" for r in self.refunds_of(intent_id)):
            raise refusal("charge_already_refunded")
        reason = "lost_or_stolen_card" if status == "failed" else None
        refund = Refund(f"re_{len(self.refunds) + 1}", intent_id, intent.amount, status, reason, metadata)
        self.refunds[refund.id] = refund
        return replace(refund)

    def end_refund(self, refund_id: str, status: str) -> None:
        """What became of a pending refund."""
        refund = self.refunds[refund_id]
        refund.status, refund.failure_reason = status, "declined" if status == "failed" else None

    def refunds_of(self, intent_id: str) -> list[Refund]:
        """The refunds of an intent, newest first."""
        return [each for each in reversed(self.refunds.values()) if each.intent_id == intent_id]

    def kept(self, intent: Intent) -> int:
        """Cents taken and not given back."""
        back = sum(r.amount for r in self.refunds_of(intent.id) if r.status == "succeeded")
        return intent.amount_received - back

    def perform(self, key: str | None, effect: Outcome) -> Outcome:
        """Do it, or, under a key that was used before, only say again what came of it."""
        if key in self.keys:
            return self.keys[key]
        outcome = capture(effect)
        if key is not None:
            self.keys[key] = outcome
        return outcome


def capture(effect: Outcome) -> Outcome:
    """What `effect` gives or raises, to be said as often as wanted."""
    try:
        result = effect()
    except stripe.StripeError as error:
        return partial(raise_again, error)
    return lambda: result


def raise_again(error: stripe.StripeError) -> None:
    """The same error, without the history of earlier raises."""
    raise error.with_traceback(None)


def refusal(code: str) -> stripe.InvalidRequestError:
    """Stripe's 400."""
    return stripe.InvalidRequestError(f"refused: {code}", None, code=code)


def decline() -> stripe.CardError:
    """Stripe's 402."""
    return stripe.CardError(DECLINED["message"], "", DECLINED["code"], json_body={"error": DECLINED})


def broken() -> stripe.APIError:
    """Stripe's 500."""
    return stripe.APIError("simulated: an error inside Stripe")
