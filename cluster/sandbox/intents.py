"""The PaymentIntent's state machine, as a function of object and action.

Nothing here reads a clock, makes an id or touches storage: what an action needs comes in as an argument, and
what it changes comes back in a `Step`. The rules: https://docs.stripe.com/payments/paymentintents/lifecycle.
"""

from dataclasses import dataclass

from cluster.sandbox import cards, charges, declines, intent_refusals as refusals, next_actions
from cluster.sandbox.failures import authentication_failed, card_failure
from cluster.sandbox.shapes import Json


@dataclass(frozen=True)
class Step:
    """What one action made of an intent."""

    intent: Json
    """The intent from now on."""

    charge: Json | None = None
    """The charge that was made or changed."""

    failure: Json | None = None
    """Stripe's error object when the payment was declined: the change stands, the answer is 402."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What a confirmation brings with it."""

    now: int
    """Epoch seconds."""

    charge_id: str
    """The id that a charge would get."""

    page_url: str
    """Where the buyer would prove who they are."""

    return_url: str | None = None
    """Where the buyer goes afterwards."""

    may_ask: bool = True
    """False when nobody is there to answer (`off_session`, `error_on_requires_action`)."""


def attach(intent: Json, method_id: str) -> Json:
    """Return the intent with another payment method; RefusedError once it is too late for that."""
    refusals.check_attachable(intent)
    return {**intent, "payment_method": method_id, "status": "requires_confirmation", "next_action": None}


def confirm(intent: Json, method: Json | None, attempt: Attempt) -> Step:
    """Try to pay with the attached method: succeeded, requires_capture, requires_action, or declined.

    RefusedError when there is no method or the status does not allow it.
    """
    refusals.check_confirmable(intent, attempt.return_url)
    assert method is not None, "an intent that may be confirmed has a payment method"
    if not _card(method).authenticate:
        return _charge(intent, method, attempt.charge_id, attempt.now)
    if not attempt.may_ask:
        return _declined(intent, method, attempt, declines.AUTHENTICATION_REQUIRED)
    action = next_actions.authenticate(attempt.page_url, attempt.return_url)
    return Step({**intent, "status": "requires_action", "next_action": action, "last_payment_error": None})


def authenticate(intent: Json, method: Json | None, charge_id: str, now: int, *, passed: bool) -> Step:
    """Go on after 3-D Secure: charge when it was passed, else ask for another payment method.

    RefusedError unless the intent is waiting for it.
    """
    refusals.check_authenticatable(intent)
    assert method is not None, "an intent that waits for authentication has a payment method"
    if passed:
        return _charge(intent, method, charge_id, now)
    failure = authentication_failed(method)
    return Step(_back_to_start(intent, failure, intent["latest_charge"]), failure=failure)


def cancel(intent: Json, charge: Json | None, reason: str | None, now: int) -> Step:
    """End an intent that was not paid, releasing a held charge; RefusedError when it was paid or is over."""
    refusals.check_cancelable(intent)
    held = charges.release(charge) if charge and intent["status"] == "requires_capture" else None
    ended = {"status": "canceled", "canceled_at": now, "cancellation_reason": reason}
    return Step({**intent, **ended, "amount_capturable": 0, "next_action": None}, held)


def capture(intent: Json, charge: Json | None, amount: int | None) -> Step:
    """Take the held money, or `amount` cents of it; RefusedError when none is held or it is too much."""
    taken = intent["amount_capturable"] if amount is None else amount
    refusals.check_capturable(intent, taken)
    assert charge is not None, "held money has a charge"
    paid = {**intent, "status": "succeeded", "amount_received": taken, "amount_capturable": 0}
    return Step(paid, charges.capture(charge, taken))


def _card(method: Json) -> cards.Card:
    return cards.by_fingerprint(method["card"]["fingerprint"])


def _charge(intent: Json, method: Json, charge_id: str, now: int) -> Step:
    decline = _card(method).decline
    charge = charges.attempt(charge_id, intent, method, now, decline)
    if decline is not None:
        return _failed(intent, method, charge, decline)
    paid = {**intent, "latest_charge": charge_id, "next_action": None, "last_payment_error": None}
    if not charge["captured"]:
        return Step(paid | {"status": "requires_capture", "amount_capturable": intent["amount"]}, charge)
    return Step(paid | {"status": "succeeded", "amount_received": intent["amount"]}, charge)


def _declined(intent: Json, method: Json, attempt: Attempt, decline: declines.Decline) -> Step:
    charge = charges.attempt(attempt.charge_id, intent, method, attempt.now, decline)
    return _failed(intent, method, charge, decline)


def _failed(intent: Json, method: Json, charge: Json, decline: declines.Decline) -> Step:
    failure = card_failure(decline, method, charge["id"])
    return Step(_back_to_start(intent, failure, charge["id"]), charge, failure)


def _back_to_start(intent: Json, failure: Json, charge_id: str | None) -> Json:
    reset = {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    return {**intent, **reset, "latest_charge": charge_id, "last_payment_error": failure}
