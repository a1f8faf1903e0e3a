"""What holds a Checkout Session and its intent together, whoever changes one of them."""

from dataclasses import replace

from cluster.sandbox import checkouts
from cluster.sandbox.endpoint import Call
from cluster.sandbox.filters import Filter
from cluster.sandbox.shapes import BY_ITSELF, Json

OVERDUE_MAX = 100
"""How many sessions one call expires; the next call goes on."""


def session_of(call: Call, intent_id: str) -> Json | None:
    """Return the session that an intent belongs to, if any."""
    found = call.tx.page(Filter(kind="checkout.session", intent=intent_id), 1)
    return found[0] if found else None


def refuse_while_open(call: Call, intent_id: str) -> None:
    """RefusedError when an intent belongs to a session that may still be paid."""
    session = session_of(call, intent_id)
    if session is not None and session["status"] == "open":
        raise checkouts.direct_refusal()


def follow(call: Call, intent: Json) -> None:
    """Complete the session of an intent that was paid."""
    session = session_of(call, intent["id"]) if intent["status"] == "succeeded" else None
    if session is not None and session["status"] == "open":
        call.put(checkouts.complete(session))


def expire(call: Call, session: Json) -> Json:
    """Expire a session and cancel its intent; RefusedError unless it is open."""
    expired = checkouts.expire(session)
    if session["payment_intent"] is not None:
        intent = checkouts.expire_intent(call.owned("payment_intent", session["payment_intent"]), call.now)
        if intent is not None:
            call.put(intent)
    call.put(expired)
    return expired


def expire_overdue(call: Call) -> None:
    """Expire the sessions whose time has come, by nobody's request."""
    automatic = replace(call, cause=BY_ITSELF)
    for session in call.tx.overdue_sessions(call.now, OVERDUE_MAX):
        expire(automatic, session)
