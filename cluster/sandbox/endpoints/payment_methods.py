"""PaymentMethods: create from a token or test number, retrieve; and how an intent's request names one."""

from collections.abc import Mapping

from cluster.sandbox import cards, methods
from cluster.sandbox.endpoint import Call, Endpoint
from cluster.sandbox.errors import ParameterError
from cluster.sandbox.metadata import Metadata
from cluster.sandbox.schema import Hash
from cluster.sandbox.shapes import Answer, Json
from cluster.sandbox.specs import Choice, Integer, Spec, Text

_RAW = ("number", "exp_month", "exp_year")
_CARD = Hash(
    {
        "token": Text(),
        "number": Text(30),
        "exp_month": Integer(1, 12),
        "exp_year": Integer(1970, 2200),
        "cvc": Text(4),
    }
)
_ADDRESS = Hash(dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"), Text()))
_BILLING = Hash({"address": _ADDRESS, "email": Text(), "name": Text(), "phone": Text()})

CREATE: Mapping[str, Spec] = {
    "type": Choice(("card",)),
    "card": _CARD,
    "billing_details": _BILLING,
    "metadata": Metadata(),
}
"""The parameters that make a PaymentMethod; an intent takes them as `payment_method_data`."""


def create(call: Call) -> Answer:
    """Make a PaymentMethod."""
    return Answer(_make(call, call.params, ""))


def retrieve(call: Call) -> Answer:
    """Return a PaymentMethod."""
    return Answer(call.subject("payment_method"))


def chosen(call: Call) -> Json | None:
    """Return the PaymentMethod that an intent's request brings, making it where it is a test id or data.

    None when it brings none; RefusedError when it names one that does not exist.
    """
    if (data := call.params.get("payment_method_data")) is not None:
        if "payment_method" in call.params:
            raise ParameterError(
                "You may only specify one of these parameters: payment_method, payment_method_data.",
                code="parameters_exclusive",
                param="payment_method",
            )
        return _make(call, data, "payment_method_data")
    method_id = call.params.get("payment_method")
    return None if method_id is None else _named(call, method_id)


def _named(call: Call, method_id: str) -> Json:
    card = cards.by_id("pm_card_", method_id)
    if card is None:
        return call.named("payment_method", method_id, "payment_method")
    # A test id is a recipe: each use makes a PaymentMethod with an id of its own, as Stripe does.
    return _kept(call, methods.new(call.make_id("pm"), card, call.now, {}))


def _make(call: Call, given: Json, name: str) -> Json:
    raw, card_name = given.get("card", {}), f"{name}[card]" if name else "card"
    missing = [key for key in _RAW if key not in raw]
    if "token" not in raw and missing:
        param = f"{card_name}[{missing[0]}]"
        raise ParameterError(f"Missing required param: {param}.", code="parameter_missing", param=param)
    card = methods.card_of(raw, call.now, card_name)
    return _kept(call, methods.new(call.make_id("pm"), card, call.now, given))


def _kept(call: Call, method: Json) -> Json:
    call.put(method)
    return method


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/payment_methods",
        run=create,
        returns="payment_method",
        params=CREATE,
        required=("type",),
    ),
    Endpoint(method="GET", path="/v1/payment_methods/{id}", run=retrieve, returns="payment_method"),
)
