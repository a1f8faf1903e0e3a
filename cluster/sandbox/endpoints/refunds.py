"""Refunds: create, retrieve, list. Looking at one that ends late settles it."""

from cluster.sandbox import refunds
from cluster.sandbox.endpoint import Call, Endpoint
from cluster.sandbox.endpoints import late_refunds, listing
from cluster.sandbox.errors import ParameterError, RefusedError
from cluster.sandbox.metadata import Metadata
from cluster.sandbox.shapes import Answer, Json
from cluster.sandbox.specs import Choice, Integer, Text

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(call: Call) -> Answer:
    """Give money back; RefusedError beyond what is left."""
    made = refunds.start(call.make_id("re"), _charge(call), call.now, call.params)
    call.put(made.charge)
    call.put(made.refund)
    if refunds.ends_late(made.charge):
        late_refunds.expect(call, made.refund)
    return Answer(made.refund)


def retrieve(call: Call) -> Answer:
    """Return a refund as it stands now."""
    return Answer(late_refunds.settle(call, call.subject("refund")))


def list_(call: Call) -> Answer:
    """Return refunds, newest first; of one intent or charge when named."""
    found = listing.page(
        call,
        "refund",
        "/v1/refunds",
        intent=call.params.get("payment_intent"),
        charge=call.params.get("charge"),
    )
    return Answer({**found, "data": [late_refunds.settle(call, refund) for refund in found["data"]]})


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
        listed=True,
        params={**listing.PARAMS, "payment_intent": Text(), "charge": Text()},
    ),
    Endpoint(method="GET", path="/v1/refunds/{id}", run=retrieve, returns="refund"),
)
