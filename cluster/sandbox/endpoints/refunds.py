"""Refunds: create, retrieve, list. Looking at one that ends late settles it."""

from cluster.sandbox import refunds
from cluster.sandbox.endpoint import Call, Endpoint
from cluster.sandbox.endpoints import listing
from cluster.sandbox.errors import ParameterError, RefusedError
from cluster.sandbox.schema import Metadata
from cluster.sandbox.shapes import Answer, Json
from cluster.sandbox.specs import Choice, Integer, Text

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(call: Call) -> Answer:
    """Give money back; RefusedError beyond what is left."""
    return _kept(call, refunds.start(call.make_id("re"), _charge(call), call.now, call.params))


def retrieve(call: Call) -> Answer:
    """Return a refund as it stands now."""
    return Answer(_settled(call, call.subject("refund")))


def list_(call: Call) -> Answer:
    """Return refunds, newest first; of one intent or charge when named."""
    found = listing.page(
        call,
        "refund",
        "/v1/refunds",
        intent=call.params.get("payment_intent"),
        charge=call.params.get("charge"),
    )
    return Answer({**found, "data": [_settled(call, refund) for refund in found["data"]]})


def _charge(call: Call) -> Json:
    charge_id, intent_id = call.params.get("charge"), call.params.get("payment_intent")
    if charge_id and intent_id:
        raise ParameterError(
            "You may only specify one of these parameters: charge, payment_intent.",
            code="parameters_exclusive",
            param="charge",
        )
    if charge_id:
        return call.named("charge", charge_id, "charge")
    if intent_id is None:
        raise ParameterError(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
            param="payment_intent",
        )
    return _paid_charge(call, call.named("payment_intent", intent_id, "payment_intent"))


def _paid_charge(call: Call, intent: Json) -> Json:
    if intent["status"] != "succeeded":
        raise RefusedError(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return call.owned("charge", intent["latest_charge"])


def _settled(call: Call, refund: Json) -> Json:
    made = refunds.settle(refund, call.owned("charge", refund["charge"]))
    return refund if made.refund is refund else _kept(call, made).body


def _kept(call: Call, made: refunds.Return) -> Answer:
    call.put(made.charge)
    call.put(made.refund)
    return Answer(made.refund)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/refunds",
        run=create,
        returns="refund",
        params={
            "amount": Integer(1),
            "charge": Text(),
            "payment_intent": Text(),
            "reason": Choice(REASONS),
            "metadata": Metadata(),
        },
    ),
    Endpoint(
        method="GET",
        path="/v1/refunds",
        run=list_,
        returns="refund",
        params={**listing.PARAMS, "payment_intent": Text(), "charge": Text()},
    ),
    Endpoint(method="GET", path="/v1/refunds/{id}", run=retrieve, returns="refund"),
)
