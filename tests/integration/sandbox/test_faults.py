"""The faults of networks and of Stripe itself, as a client meets them."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe

from tests.integration.sandbox.faults import VISA, arm, fails, happened
from tests.integration.sandbox.hosted_page import asked, opened
from tests.integration.sandbox.process import Sandbox
from tests.integration.sandbox.steps import keyed, pay
from tests.waiting import wait_for


def count(api: Any) -> int:
    return len(api.payment_intents.list({"limit": 100}).data)


@pytest.mark.parametrize(("effect", "created"), [("lost_response", 1), ("timeout_after", 1), ("timeout_before", 0)])
def test_a_lost_answer_leaves_the_question_open(sandbox: Sandbox, api: Any, effect: str, created: int) -> None:
    before = count(api)
    arm(sandbox, effect=effect, path="/v1/payment_intents", method="POST", seconds=0.3)
    started = time.monotonic()
    error = fails(stripe.APIConnectionError, lambda: api.payment_intents.create(VISA, keyed(effect)))
    assert error.http_status is None
    assert (time.monotonic() - started >= 0.3) == effect.startswith("timeout")
    assert count(api) - before == created
    # The same key tells what became of it, or does it now
    again = api.payment_intents.create(VISA, keyed(effect))
    assert (again.status, count(api) - before) == ("succeeded", 1)
    assert ("Idempotent-Replayed" in again.last_response.headers) == (created == 1)
    assert happened(sandbox) == {effect: 1}


@pytest.mark.parametrize(("effect", "created"), [("error_before", 0), ("error_after", 1)])
def test_a_500_is_remembered_under_its_key(sandbox: Sandbox, api: Any, effect: str, created: int) -> None:
    before = count(api)
    arm(sandbox, effect=effect, path="/v1/payment_intents", method="POST")
    first, again = (fails(stripe.APIError, lambda: api.payment_intents.create(VISA, keyed(effect))) for _ in "12")
    assert (first.http_status, again.http_status, first.json_body) == (500, 500, again.json_body)
    assert again.headers["idempotent-replayed"] == "true"
    assert count(api) - before == created
    assert happened(sandbox) == {effect: 1}
    assert api.payment_intents.create(VISA, keyed(f"{effect} 2")).status == "succeeded"


@pytest.mark.parametrize(
    ("effect", "kind", "status", "code"),
    [
        ("rate_limit", stripe.RateLimitError, 429, "rate_limit"),
        ("key_in_use", stripe.APIError, 409, "idempotency_key_in_use"),
    ],
)
def test_a_429_and_a_409_leave_nothing_behind(
    sandbox: Sandbox, api: Any, effect: str, kind: type[stripe.StripeError], status: int, code: str
) -> None:
    before = count(api)
    arm(sandbox, effect=effect, path="/v1/payment_intents", method="POST")
    error = fails(kind, lambda: api.payment_intents.create(VISA, keyed(effect)))
    assert (error.http_status, error.error.code, count(api)) == (status, code, before)
    again = api.payment_intents.create(VISA, keyed(effect))
    assert "Idempotent-Replayed" not in again.last_response.headers


def test_only_a_request_with_a_key_can_find_it_in_use(sandbox: Sandbox, api: Any) -> None:
    arm(sandbox, effect="key_in_use", path="/v1/payment_intents")
    unkeyed = sandbox.raw("POST", "/v1/payment_intents", data={"amount": "700", "currency": "usd"})
    assert (unkeyed.status_code, happened(sandbox)) == (200, {})


def test_a_slow_answer_is_a_good_one(sandbox: Sandbox, api: Any) -> None:
    arm(sandbox, effect="slow", path="/v1/payment_intents", ms=300)
    started = time.monotonic()
    assert pay(api).status == "succeeded"
    assert time.monotonic() - started >= 0.3


def test_a_hanging_request_holds_nobody_else_up(sandbox: Sandbox, api: Any) -> None:
    arm(sandbox, effect="timeout_before", path="/v1/payment_intents", seconds=30)
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(sandbox.raw, "POST", "/v1/payment_intents", timeout=1.0)
        wait_for("the time-out", lambda: happened(sandbox) == {"timeout_before": 1}, 5)
        assert pay(api).status == "succeeded"
        assert isinstance(hanging.exception(timeout=10), httpx.ReadTimeout)


def test_the_official_client_repeats_what_it_may(sandbox: Sandbox, api: Any) -> None:
    before = count(api)
    for effect in ("lost_response", "key_in_use"):
        arm(sandbox, effect=effect, path="/v1/payment_intents", method="POST")
    patient: Any = sandbox.client()
    paid = patient.v1.payment_intents.create(VISA, {"max_network_retries": 2})
    assert (paid.status, count(api) - before) == ("succeeded", 1)


@pytest.mark.parametrize("effect", ["lost_response", "error_after"])
def test_a_checkout_session_may_be_expired_without_an_answer(sandbox: Sandbox, api: Any, effect: str) -> None:
    session = opened(api)
    arm(sandbox, effect=effect, path="/v1/checkout/sessions/*/expire")
    fails(stripe.StripeError, lambda: api.checkout.sessions.expire(session.id))
    assert api.checkout.sessions.retrieve(session.id).status == "expired"
    assert httpx.post(session.url, data={"attempt": "0", "action": "pay", "card": "visa"}).status_code == 303
    assert api.checkout.sessions.retrieve(session.id).payment_status == "unpaid"


def test_events_tell_of_an_effect_whose_answer_was_lost(sandbox: Sandbox, api: Any) -> None:
    arm(sandbox, effect="error_before", path="/v1/checkout/sessions/*/expire", nth=1)
    arm(sandbox, effect="error_after", path="/v1/checkout/sessions/*/expire", nth=2)
    session = api.checkout.sessions.create(asked())

    def told() -> list[str]:
        events = api.events.list({"type": "checkout.session.expired"}).data
        return [one.id for one in events if one.data.object.id == session.id]

    fails(stripe.APIError, lambda: api.checkout.sessions.expire(session.id))
    assert told() == []
    fails(stripe.APIError, lambda: api.checkout.sessions.expire(session.id))
    assert len(told()) == 1
