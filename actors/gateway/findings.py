"""What objects at Stripe say of our attempts: whose they are is in their metadata. Pure."""

from typing import Any

from msgspec import Struct

from actors.contract import Id
from actors.gateway.checkout import read_session
from actors.gateway.client import NotYet, metadata_in
from actors.gateway.intents import read_intent
from actors.gateway.refunds import why_it_failed
from actors.payment_answers import RefundFailed, RefundSucceeded, StripeAnswer


class Finding(Struct, frozen=True):
    """What an object at Stripe says now, and of which order's attempt."""

    order_id: Id
    answer: StripeAnswer
    about: str
    """The object's id."""


def of_intent(intent: Any) -> Finding | None:  # noqa: ANN401  a stripe.PaymentIntent
    """What an intent says of taking money; None if it is none of ours or says nothing new."""
    return _finding(intent, lambda attempt: read_intent(attempt, intent))


def of_session(session: Any) -> Finding | None:  # noqa: ANN401  a stripe.checkout.Session
    """What a Checkout session says; None if it is none of ours or says nothing new."""
    return _finding(session, lambda attempt: read_session(attempt, session))


def of_charge(intent: Any) -> Finding | None:  # noqa: ANN401  a stripe.PaymentIntent with its charge
    """What an intent and its charge say of money taken, or given back, be it under way still."""
    if is_refunded(intent):
        return _finding(intent, lambda attempt: RefundSucceeded(attempt=attempt, refund=0))
    return of_intent(intent)


def of_refund(refund: Any) -> Finding | None:  # noqa: ANN401  a stripe.Refund with its intent and charge
    """What a refund says: that it failed, be it days after it succeeded, or else what its charge says."""
    if refund.payment_intent is None:
        return None
    if not has_failed(refund):
        return of_charge(refund.payment_intent)
    number = metadata_in(refund).get("refund", "")
    return _finding(
        refund.payment_intent,
        lambda attempt: RefundFailed(
            attempt=attempt, refund=int(number) if number.isdecimal() else 0, reason=why_it_failed(refund)
        ),
        about=refund.id,
    )


def is_refunded(intent: Any) -> bool:  # noqa: ANN401  a stripe.PaymentIntent with its charge
    """Whether all of an intent's money went back, or is on its way."""
    charge = getattr(intent, "latest_charge", None)
    back = getattr(charge, "amount_refunded", 0)
    return bool(intent.status == "succeeded" and back >= intent.amount_received)


def has_failed(refund: Any) -> bool:  # noqa: ANN401  a stripe.Refund
    """Whether a refund came to nothing."""
    return refund.status in ("failed", "canceled")


def _finding(thing: Any, read: Any, about: str = "") -> Finding | None:  # noqa: ANN401  whose it is, how to read it
    metadata = metadata_in(thing)
    order_id, attempt = metadata.get("order_id", ""), metadata.get("attempt", "")
    if not Id.is_valid(order_id) or not attempt.isdecimal():
        return None
    try:
        return Finding(Id(order_id), read(int(attempt)), about or thing.id)
    except NotYet:
        return None
