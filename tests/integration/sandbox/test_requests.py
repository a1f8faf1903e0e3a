"""Strangers, garbage, and what is not there; and the page that lists all payments."""

from typing import Any

import httpx
import pytest
import stripe

from tests.integration.sandbox.process import KEY, Sandbox
from tests.integration.sandbox.steps import PAY, pay, refused


@pytest.mark.parametrize("key", ["sk_live_1234567890abcdef", "pk_test_1", "nonsense"])
def test_a_wrong_key_opens_nothing(sandbox: Sandbox, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError) as error:
        sandbox.client(key).v1.payment_intents.list()
    assert error.value.http_status == 401
    assert error.value.request_id is not None
    assert "1234567890" not in str(error.value)


def test_no_key_opens_nothing_and_basic_does(sandbox: Sandbox) -> None:
    assert sandbox.raw("GET", "/v1/payment_intents", headers={"Authorization": ""}).status_code == 401
    assert httpx.get(f"{sandbox.url}/v1/payment_intents", auth=(KEY, "")).status_code == 200
    assert httpx.get(f"{sandbox.url}/v1/nothing").status_code == 401


@pytest.mark.parametrize(
    "given",
    [
        {"content": b"\xff\xfe\x00"},
        {"json": {"amount": 1000, "currency": "usd"}},
        {"content": b"a" * 70_000},
        {"content": b"amount=1000&currency[a]=usd"},
        {"content": b"amount[]=1&currency=usd"},
        {"content": b""},
        {"content": b"amount=1000&currency=usd&expand=latest_charge"},
        {"content": b"amount=1000&currency=xxx"},
    ],
)
def test_garbage_gets_an_error_in_stripes_shape(sandbox: Sandbox, given: dict[str, Any]) -> None:
    answer = sandbox.raw("POST", "/v1/payment_intents", **given)
    assert answer.status_code == 400
    assert answer.headers["request-id"].startswith("req_")
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"]


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"amount": 1000, "currency": "usd", "surprise": 1}, "parameter_unknown", "surprise"),
        ({"amount": "ten", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"currency": "usd"}, "parameter_missing", "amount"),
        ({"amount": 10, "currency": "usd"}, "amount_too_small", "amount"),
        ({**PAY, "payment_method": "pm_card_nothing"}, "resource_missing", "payment_method"),
        ({"amount": 1000, "currency": "usd", "return_url": "https://shop.test"}, None, "return_url"),
    ],
)
def test_wrong_parameters_are_refused_by_name(api: Any, given: Any, code: str | None, param: str) -> None:
    error = refused(lambda: api.payment_intents.create(given))
    assert (error.code, error.param) == (code, param)


@pytest.mark.parametrize("family", ["payment_intents", "charges", "refunds", "payment_methods"])
def test_what_is_not_there_is_404(api: Any, family: str) -> None:
    assert refused(lambda: getattr(api, family).retrieve("xx_no"), 404).code == "resource_missing"


def test_unknown_addresses_are_404_in_stripes_shape(sandbox: Sandbox) -> None:
    for method, path in (
        ("GET", "/v1/nothing"),
        ("DELETE", "/v1/payment_intents/pi_1"),
        ("POST", "/v1/charges"),
    ):
        answer = sandbox.raw(method, path)
        assert (answer.status_code, answer.json()["error"]["type"]) == (404, "invalid_request_error")


def test_the_list_of_payments_says_sandbox_and_escapes(sandbox: Sandbox) -> None:
    pay(sandbox.client().v1, metadata={"title": "<script>alert(1)</script>"})
    page = httpx.get(sandbox.url)
    assert page.status_code == 200
    assert "sandbox" in page.text.lower()
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text
