"""Checkout Sessions: create, retrieve, list, expire."""

from collections.abc import Mapping

from cluster.sandbox import checkout_objects
from cluster.sandbox.endpoint import Call, Endpoint
from cluster.sandbox.endpoints import checkout_flow, listing
from cluster.sandbox.endpoints.payment_intent_params import WORDS
from cluster.sandbox.metadata import Metadata
from cluster.sandbox.schema import Hash
from cluster.sandbox.shapes import Answer
from cluster.sandbox.specs import Array, Choice, Integer, Spec, Text, Url

_KIND = "checkout.session"
_PATH = "/v1/checkout/sessions"
LINES_MAX = 100
PAGE_PATH = "/c/pay"

_PRODUCT = Hash({"name": Text(), "description": Text(), "images": Array(Url(), 8), "metadata": Metadata()}, ("name",))
_PRICE = Hash(
    {"currency": Text(3), "product_data": _PRODUCT, "unit_amount": Integer()},
    ("currency", "product_data", "unit_amount"),
)
_LINE = Hash({"price_data": _PRICE, "quantity": Integer(1, 999_999)}, ("price_data", "quantity"))

CREATE: Mapping[str, Spec] = {
    "mode": Choice(("payment",)),
    "ui_mode": Choice(("hosted_page",)),
    "line_items": Array(_LINE, LINES_MAX),
    "success_url": Url(),
    "cancel_url": Url(),
    "client_reference_id": Text(200),
    "customer_email": Text(800),
    "expires_at": Integer(),
    "metadata": Metadata(),
    "payment_intent_data": Hash(WORDS),
    "automatic_tax": Hash({"enabled": Choice(("false",))}, ("enabled",)),
    "allowed_payment_method_types": Array(Choice(("card",))),
    "submit_type": Choice(("auto", "book", "donate", "pay")),
}


def create(call: Call) -> Answer:
    """Open a session; its intent comes into being when the buyer first tries to pay."""
    session_id = call.make_id("cs_test")
    url = f"{call.base_url}{PAGE_PATH}/{session_id}"
    session = checkout_objects.new(session_id, call.now, url, call.params)
    call.put(checkout_objects.order(session, call.params))
    call.put(session)
    return Answer(session)


def retrieve(call: Call) -> Answer:
    """Return a session."""
    return Answer(call.subject(_KIND))


def list_(call: Call) -> Answer:
    """Return sessions, newest first; the one of an intent when `payment_intent` names it."""
    return Answer(listing.page(call, _KIND, _PATH, intent=call.params.get("payment_intent")))


def expire(call: Call) -> Answer:
    """End an open session."""
    return Answer(checkout_flow.expire(call, call.subject(_KIND)))


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=_PATH,
        run=create,
        returns=_KIND,
        params=CREATE,
        required=("mode", "line_items", "success_url"),
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        run=list_,
        returns=_KIND,
        listed=True,
        params={**listing.PARAMS, "payment_intent": Text()},
    ),
    Endpoint(method="GET", path=f"{_PATH}/{{id}}", run=retrieve, returns=_KIND),
    Endpoint(method="POST", path=f"{_PATH}/{{id}}/expire", run=expire, returns=_KIND),
)
