"""The Checkout Session's state machine (https://docs.stripe.com/payments/checkout/how-checkout-works).

Open, then complete or expired, and never anything else after that. Like `intents`, pure: what an action needs comes
in as an argument, what it changes comes back.
"""

from cluster.sandbox import intent_refusals, intents
from cluster.sandbox.errors import RefusedError
from cluster.sandbox.shapes import Json


def with_intent(session: Json, intent_id: str) -> Json:
    """Return the session whose buyer tried to pay for the first time: only then is there an intent."""
    return {**session, "payment_intent": intent_id}


def complete(session: Json) -> Json:
    """Return the session that was paid."""
    assert session["status"] == "open", "only an open session can be paid"
    details = {"address": None, "email": session["customer_email"], "name": None, "phone": None}
    over = {"status": "complete", "payment_status": "paid", "url": None}
    return {**session, **over, "customer_details": details | {"tax_exempt": "none", "tax_ids": []}}


def expire(session: Json) -> Json:
    """Return the session that nobody can pay any more; RefusedError unless it was open."""
    if session["status"] != "open":
        raise RefusedError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a '
            f"status of `{session['status']}`."
        )
    return {**session, "status": "expired", "url": None}


def expire_intent(intent: Json, now: int) -> Json | None:
    """Return the canceled intent of an expired session; None when it is over already."""
    if intent["status"] not in intent_refusals.CANCELABLE:
        return None
    return intents.cancel(intent, None, "expired", now).intent


def direct_refusal() -> RefusedError:
    """Return the refusal to confirm or cancel an intent past its open session."""
    return RefusedError(
        "You cannot perform this action on PaymentIntents created by Checkout. To cancel, expire the Checkout "
        "Session instead: https://docs.stripe.com/api/checkout/sessions/expire."
    )
