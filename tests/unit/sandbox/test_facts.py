"""The facts of tests/stripe_facts.py against the official library, which Stripe generates from its own description."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import stripe

from tests.stripe_facts import API_VERSION, FACTS, wrong

CLASSES = {
    "payment_intent": ("_payment_intent.py", "PaymentIntent"),
    "payment_intent.next_action": ("_payment_intent.py", "PaymentIntent.NextAction"),
    "payment_intent.redirect": ("_payment_intent.py", "PaymentIntent.NextAction.RedirectToUrl"),
    "charge": ("_charge.py", "Charge"),
    "charge.outcome": ("_charge.py", "Charge.Outcome"),
    "refund": ("_refund.py", "Refund"),
    "checkout.session": ("checkout/_session.py", "Session"),
    "checkout.session.customer_details": ("checkout/_session.py", "Session.CustomerDetails"),
    "event": ("_event.py", "Event"),
    "event.data": ("_event.py", "Event.Data"),
    "event.request": ("_event.py", "Event.Request"),
    "payment_method": ("_payment_method.py", "PaymentMethod"),
    "payment_method.card": ("_payment_method.py", "PaymentMethod.Card"),
    "billing_details": ("_payment_method.py", "PaymentMethod.BillingDetails"),
    "error": ("_error_object.py", "ErrorObject"),
    "webhook_endpoint": ("_webhook_endpoint.py", "WebhookEndpoint"),
}
SCALARS = {"str": "str", "int": "int", "bool": "bool"}

pytestmark = pytest.mark.skipif(
    stripe.api_version != API_VERSION, reason=f"the library is of {stripe.api_version}, the facts of {API_VERSION}"
)


@cache
def module(file: str) -> ast.Module:
    return ast.parse((Path(stripe.__file__).parent / file).read_text())


@cache
def annotations(name: str) -> dict[str, str]:
    """The fields of a class of the library, and their types as it writes them."""
    file, path = CLASSES[name]
    node: ast.AST = module(file)
    for part in path.split("."):
        children = ast.iter_child_nodes(node)
        node = next(one for one in children if isinstance(one, ast.ClassDef) and one.name == part)
    return {
        one.target.id: ast.unparse(one.annotation)
        for one in ast.iter_child_nodes(node)
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    }


def agrees(fact: str, written: str) -> bool:
    """Whether a fact says what the library says; where Stripe expands, the library may give an object for an id."""
    kind = fact.removesuffix("?")
    if fact.endswith("?") != written.startswith("Optional["):
        return False
    inner = written.removeprefix("Optional[")
    if kind in SCALARS:
        return bool(re.match(rf"{kind}\b|ExpandableField|Union\[Literal|Literal", inner))
    if "|" in kind:
        return set(kind.split("|")) <= set(re.findall(r"'([^']*)'", inner))
    if kind == "list":
        return inner.startswith("List[")
    if kind.endswith("*"):
        return inner.startswith(("str", "ExpandableField"))
    return not inner.startswith(("str", "int", "bool", "List["))


@pytest.mark.parametrize("name", FACTS)
def test_every_fact_is_stripes(name: str) -> None:
    written = annotations(name)
    table = FACTS[name]
    assert table.url.startswith("https://docs.stripe.com/api/")
    facts = {**table.always, **table.sometimes}
    disagree = [
        f"{field}: {fact}, but {written.get(field)}"
        for field, fact in facts.items()
        if field not in written or not (fact == written[field][9:-2] or agrees(fact, written[field]))
    ]
    assert disagree == []


@pytest.mark.parametrize("name", ["payment_intent", "charge", "refund", "checkout.session", "event"])
def test_no_field_of_stripes_is_forgotten(name: str) -> None:
    table = FACTS[name]
    own = ("OBJECT_NAME",)
    assert {field for field in annotations(name) if field not in own and not field.startswith("_")} == {
        *table.always,
        *table.sometimes,
    }


def test_what_differs_is_named() -> None:
    event = {"id": "ev_1", "object": "event", "created": True, "data": {"object": []}, "extra": 1}
    assert [line.rsplit(" (", 1)[0] for line in wrong("event", event, strict=True)] == [
        "event.api_version is missing",
        "event.livemode is missing",
        "event.pending_webhooks is missing",
        "event.request is missing",
        "event.type is missing",
        "event.id is 'ev_1', not evt_*",
        "event.created is True, not int",
        "event.data.object is [], not dict",
        "event.extra is not documented",
    ]
