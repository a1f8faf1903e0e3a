"""Charges: retrieve and list."""

from cluster.sandbox.endpoint import Call, Endpoint
from cluster.sandbox.endpoints import listing
from cluster.sandbox.shapes import Answer
from cluster.sandbox.specs import Text


def retrieve(call: Call) -> Answer:
    """Return a charge."""
    return Answer(call.subject("charge"))


def list_(call: Call) -> Answer:
    """Return charges, newest first; of one intent when `payment_intent` names it."""
    return Answer(listing.page(call, "charge", "/v1/charges", intent=call.params.get("payment_intent")))


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/v1/charges",
        run=list_,
        returns="charge",
        listed=True,
        params={**listing.PARAMS, "payment_intent": Text()},
    ),
    Endpoint(method="GET", path="/v1/charges/{id}", run=retrieve, returns="charge"),
)
