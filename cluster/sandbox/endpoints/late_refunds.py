"""Refunds whose end shows late: as soon as somebody looks at one, and by itself after some seconds."""

from dataclasses import replace

from cluster.sandbox import refunds
from cluster.sandbox.endpoint import Call
from cluster.sandbox.filters import Filter
from cluster.sandbox.shapes import BY_ITSELF, Json

LATE_S = 5
"""How long one takes by itself, in seconds. Stripe names no time (https://docs.stripe.com/testing#refunds)."""

OVERDUE_MAX = 100
"""How many refunds one call settles; the next call goes on."""

_KIND = "sandbox.late_refund"


def expect(call: Call, refund: Json) -> None:
    """Remember that the end of a refund is still to come."""
    call.put({"id": _id(refund), "object": _KIND, "created": call.now, "refund": refund["id"]})


def settle(call: Call, refund: Json) -> Json:
    """Return a refund with its end, which nobody's request brought about."""
    made = refunds.settle(refund, call.owned("charge", refund["charge"]))
    if made.refund is refund:
        return refund
    automatic = replace(call, cause=BY_ITSELF)
    automatic.put(made.charge)
    automatic.put(made.refund)
    call.tx.delete(_KIND, _id(refund))
    return made.refund


def settle_overdue(call: Call) -> None:
    """Settle the refunds whose time has come, whether or not anybody looks."""
    for late in call.tx.page(Filter(kind=_KIND, created_to=call.now - LATE_S), OVERDUE_MAX):
        settle(call, call.owned("refund", late["refund"]))


def _id(refund: Json) -> str:
    return f"sandbox_{refund['id']}"
