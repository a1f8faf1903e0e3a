"""serve_app.openapi: the document is complete, and shows nothing that is not so."""

import asyncio
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft4Validator

from actors.contract import TICKET_EXISTS, Refused
from serve_app.money import cents_of
from serve_app.openapi.pages import FILES
from serve_app.refusals import (
    HIDDEN_TITLE,
    INVALID_TITLE,
    LENGTH_REQUIRED,
    OVERLOADED,
    REQUEST_TIMEOUT,
    SEVERAL_KEYS,
    SLOW_SEARCH,
    STATUS,
    UNKNOWN_SIGN_UP,
    UNKNOWN_WITHOUT_KEY,
)
from tests.unit.api.fakes import FakeOffice

DOCUMENT: dict[str, Any] = asyncio.run(FakeOffice().client().get("/openapi.json")).json()
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
KEYED = {
    "POST /api/tickets", "PUT /api/tickets/{ticket_id}", "POST /api/orders", "DELETE /api/orders/{order_id}",
    "POST /api/orders/{order_id}/refund", "POST /api/payments", "POST /api/payments/checkout",
}  # fmt: skip
SIGNED_IN = KEYED | {"GET /api/orders", "GET /api/orders/{order_id}", "GET /api/payments/checkout/return"}
HEADERS = {"GET /api/stream": {"Last-Event-ID"}, "POST /api/payments/webhook": {"Stripe-Signature"}}
STATUSES = {
    "POST /api/users/signup": "201 400 403 408 413 429 500 503",
    "POST /api/users/signin": "200 400 403 408 413 429 500 503",
    "POST /api/users/signout": "200 403 408 413 500",
    "GET /api/users/currentuser": "200 500",
    "GET /api/tickets": "200 400 500 503",
    "POST /api/tickets": "201 400 401 403 408 413 500 503",
    "GET /api/tickets/{ticket_id}": "200 404 500 503",
    "PUT /api/tickets/{ticket_id}": "200 400 401 403 404 408 413 500 503",
    "POST /api/orders": "201 400 401 403 404 408 413 500 503",
    "GET /api/orders": "200 401 500 503",
    "GET /api/orders/{order_id}": "200 401 404 500 503",
    "DELETE /api/orders/{order_id}": "204 400 401 403 404 408 411 413 500 503",
    "POST /api/orders/{order_id}/refund": "202 400 401 403 404 408 413 500 503",
    "POST /api/payments": "201 202 400 401 402 403 404 408 413 500 503",
    "POST /api/payments/checkout": "201 400 401 402 403 404 408 413 500 503",
    "POST /api/payments/webhook": "200 400 403 408 413 500 503",
    "GET /api/payments/checkout/return": "200 303 400 401 404 500 503",
    "GET /api/stream": "200 400 500 503",
    "GET /api/health": "200 500",
    "GET /api/ready": "200 500 503",
}


def resolved(schema: Any) -> Any:
    """A schema without references, as JSON Schema's draft 4 has it; `nullable` is OpenAPI's own."""
    if isinstance(schema, list):
        return [resolved(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return resolved(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return {name: resolved(value) for name, value in schema.items() if name not in ("example", "nullable")}


def test_every_operation_and_its_statuses() -> None:
    found = {name: " ".join(sorted(operation["responses"])) for name, operation in OPERATIONS.items()}
    assert found == STATUSES


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_refusal_has_the_schema_and_examples_that_keep_to_it(name: str) -> None:
    for status, response in OPERATIONS[name]["responses"].items():
        if int(status) < 400 or (name, status) == ("GET /api/ready", "503"):
            continue
        content = response["content"]["application/json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Errors"}
        assert content["examples"]
        for example in content["examples"].values():
            Draft4Validator(resolved(content["schema"])).validate(example["value"])
            # Stripe's decline codes are an open list.
            assert {str(STATUS.get(each["code"], 402)) for each in example["value"]["errors"]} == {status}


def told(name: str, status: int) -> list[str]:
    """The sentences of an operation's refusals."""
    examples = OPERATIONS[name]["responses"][str(status)]["content"]["application/json"]["examples"]
    return [error["message"] for each in examples.values() for error in each["value"]["errors"]]


def test_two_sentences_of_one_code_are_two_examples() -> None:
    found = told("POST /api/tickets", 400)
    assert HIDDEN_TITLE.message in found
    assert INVALID_TITLE.message in found


@pytest.mark.parametrize(
    ("name", "status", "refusal"),
    [
        ("POST /api/tickets", 400, TICKET_EXISTS),
        ("GET /api/orders", 503, OVERLOADED),
        ("GET /api/tickets", 503, SLOW_SEARCH),
        ("DELETE /api/orders/{order_id}", 411, LENGTH_REQUIRED),
        ("POST /api/orders", 408, REQUEST_TIMEOUT),
        ("POST /api/orders", 400, SEVERAL_KEYS),
        ("POST /api/orders", 503, UNKNOWN_WITHOUT_KEY),
        ("POST /api/users/signup", 503, UNKNOWN_SIGN_UP),
    ],
)
def test_what_is_refused_seldom_is_in_the_document_too(name: str, status: int, refusal: Refused) -> None:
    assert refusal.message in told(name, status)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_what_it_does_and_who_may(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    assert operation.get("security") == ([{"session": []}] if name in SIGNED_IN else None)
    headers = {each["name"] for each in operation.get("parameters", []) if each["in"] == "header"}
    assert headers == ({"Idempotency-Key"} if name in KEYED else HEADERS.get(name, set()))
    in_path = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
    assert in_path == set(re.findall(r"{(\w+)}", name))


PRICE_OF_A_TICKET = Draft4Validator(resolved(DOCUMENT["components"]["schemas"]["TicketBody"]["properties"]["price"]))


@pytest.mark.parametrize("price", [19.99, 0.07, 64.1, 0.01, 1.1, 20, 999999.99, "19.99", "7"])
def test_what_may_be_sent_as_a_price_is_a_price_to_the_document(price: object) -> None:
    assert PRICE_OF_A_TICKET.is_valid(price)
    assert cents_of(Decimal(repr(price)) if isinstance(price, float) else price)


@pytest.mark.parametrize("price", [0, -1, 1_000_000, "$20", "12,50", "1.999", None, True])
def test_what_is_no_price_is_none_to_the_document(price: object) -> None:
    assert not PRICE_OF_A_TICKET.is_valid(price)


def test_buyers_come_back_with_their_order_and_the_page_of_stripe() -> None:
    operation = OPERATIONS["GET /api/payments/checkout/return"]
    found = {each["name"]: (each["in"], each["required"]) for each in operation["parameters"]}
    assert found == {"orderId": ("query", True), "session": ("query", False)}
    assert all(each["description"] for each in operation["parameters"])
    assert operation["responses"]["303"]["headers"].keys() == {"Location"}
    assert "headers" not in operation["responses"]["200"]


def test_a_webhook_brings_a_signed_event() -> None:
    operation = OPERATIONS["POST /api/payments/webhook"]
    (signature,) = operation["parameters"]
    assert (signature["name"], signature["in"], signature["required"]) == ("Stripe-Signature", "header", True)
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    event = Draft4Validator(resolved(body))
    assert event.is_valid({"id": "evt_1", "type": "refund.updated", "data": {"object": {"id": "re_1"}}})
    assert not event.is_valid({"id": "evt_1"})
    refused = operation["responses"]["400"]["content"]["application/json"]["examples"]
    assert refused.keys() == {"bad_signature"}, "also of what is no JSON"


def test_the_stream_is_no_json() -> None:
    assert OPERATIONS["GET /api/stream"]["responses"]["200"]["content"].keys() == {"text/event-stream"}


def test_every_reference_leads_somewhere() -> None:
    names = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DOCUMENT)))
    assert names == DOCUMENT["components"]["schemas"].keys()
    assert DOCUMENT["components"]["securitySchemes"]["session"]["in"] == "cookie"
    assert DOCUMENT["openapi"] == "3.0.3"


@pytest.mark.parametrize("name", ["POST /api/payments", "POST /api/payments/checkout"])
def test_a_decline_has_stripe_s_code_which_may_be_a_new_one(name: str) -> None:
    declined = OPERATIONS[name]["responses"]["402"]
    assert declined["content"]["application/json"]["examples"].keys() == {
        "payment_failed", "generic_decline", "insufficient_funds", "expired_card"
    }  # fmt: skip
    assert "Stripe's decline code" in declined["description"]
    assert "go by the status" in declined["description"]


def test_the_key_says_that_a_declined_payment_is_remembered() -> None:
    (key,) = [each for each in OPERATIONS["POST /api/payments"]["parameters"] if each["name"] == "Idempotency-Key"]
    assert "declined (402) is declined again under its key" in key["description"]
    assert "Do not use a key again after the 24 hours" in key["description"]


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(ids)) == len(ids)


def test_every_503_and_429_says_when_to_try_again() -> None:
    for name, operation in OPERATIONS.items():
        for status in {"429", "503"} & operation["responses"].keys():
            assert "Retry-After" in operation["responses"][status]["headers"], name


def test_the_page_needs_nobody_else() -> None:
    async def look() -> None:
        async with FakeOffice().client() as client:
            page = await client.get("/docs")
            for name in FILES:
                assert f'"/docs/{name}"' in page.text
                assert (await client.get(f"/docs/{name}")).status_code == 200
            assert not re.search(r"(?:src|href)=\"(?!/)", page.text)
            assert (await client.get("/openapi.json")).json() == DOCUMENT

    asyncio.run(look())  # threads read the files, and virtual time does not wait for them
