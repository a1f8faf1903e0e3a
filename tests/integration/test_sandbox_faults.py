"""The faults of networks and of Stripe itself, as a client meets them."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe

from tests.integration.test_sandbox import PAY, Sandbox, keyed, pay
from tests.integration.test_sandbox_checkout import asked, opened
from tests.waiting import wait_for

FAULTS = "/v1/sandbox/faults"
VISA = {**PAY, "payment_method": "pm_card_visa"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("faults") / "sandbox.sqlite3")
    yield running
    running.end()


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Any]:
    yield sandbox.client().v1
    sandbox.raw("DELETE", FAULTS)


def arm(sandbox: Sandbox, **rule: Any) -> None:
    answer = sandbox.raw("POST", FAULTS, json=rule)
    assert answer.status_code == 200, answer.text


def happened(sandbox: Sandbox) -> dict[str, int]:
    counts: dict[str, int] = sandbox.raw("GET", FAULTS).json()["happened"]
    return {effect: count for effect, count in counts.items() if count}


def count(api: Any) -> int:
    return len(api.payment_intents.list({"limit": 100}).data)


def fails(kind: type[stripe.StripeError], act: Callable[[], Any]) -> Any:
    with pytest.raises(kind) as error:
        act()
    return error.value


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


def test_the_nth_match_and_how_often(sandbox: Sandbox, api: Any) -> None:
    arm(sandbox, effect="rate_limit", path="/v1/refunds", nth=2, times=2)

    def refunds() -> str:
        try:
            return str(api.refunds.list().object)
        except stripe.RateLimitError:
            return "429"

    assert [refunds() for _ in range(5)] == ["list", "429", "429", "list", "list"]
    (rule,) = sandbox.raw("GET", FAULTS).json()["rules"]
    assert (rule["matched"], rule["happened"], rule["effect"]) == (5, 2, "rate_limit")


def test_patterns_say_which_requests(sandbox: Sandbox, api: Any) -> None:
    intent = pay(api)
    arm(sandbox, effect="rate_limit", path="/v1/payment_intents/*/cancel", times=None)
    arm(sandbox, effect="rate_limit", method="GET", path="/v1/refunds/**", times=None)
    assert api.payment_intents.retrieve(intent.id).id == intent.id
    assert api.refunds.create({"payment_intent": intent.id}).status == "succeeded"
    for act in (lambda: api.payment_intents.cancel(intent.id), lambda: api.refunds.retrieve("re_1")):
        fails(stripe.RateLimitError, act)
        fails(stripe.RateLimitError, act)
    assert happened(sandbox) == {"rate_limit": 4}


def test_a_rule_bound_to_an_order_leaves_the_others_alone(sandbox: Sandbox, api: Any) -> None:
    mine, other = ({"metadata": {"order_id": order}} for order in ("7", "8"))
    arm(sandbox, effect="rate_limit", order="7", times=None)
    intent = api.payment_intents.create({**VISA, "confirm": True, **other})
    assert api.refunds.list({"payment_intent": intent.id}).data == []
    fails(stripe.RateLimitError, lambda: api.payment_intents.create({**VISA, **mine}))
    sandbox.raw("DELETE", FAULTS)
    intent = api.payment_intents.create({**VISA, "confirm": True, **mine})
    session = api.checkout.sessions.create({**asked(), **mine})

    arm(sandbox, effect="rate_limit", order="7", times=None)
    fails(stripe.RateLimitError, lambda: api.payment_intents.retrieve(intent.id))
    fails(stripe.RateLimitError, lambda: api.refunds.list({"payment_intent": intent.id}))
    fails(stripe.RateLimitError, lambda: api.checkout.sessions.expire(session.id))
    assert pay(api).status == "succeeded"
    assert happened(sandbox) == {"rate_limit": 3}


def test_one_request_has_one_fault_and_the_next_one_the_next(sandbox: Sandbox, api: Any) -> None:
    answer = sandbox.raw("POST", FAULTS, json=[{"effect": "rate_limit"}, {"effect": "error_after", "nth": 2}])
    assert [rule["effect"] for rule in answer.json()["rules"]] == ["rate_limit", "error_after"]
    fails(stripe.RateLimitError, lambda: pay(api))
    fails(stripe.APIError, lambda: pay(api))
    assert happened(sandbox) == {"rate_limit": 1, "error_after": 1}


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


def test_a_reset_forgets_rules_and_counts(sandbox: Sandbox, api: Any) -> None:
    arm(sandbox, effect="rate_limit", times=None)
    fails(stripe.RateLimitError, lambda: pay(api))
    shown = sandbox.raw("DELETE", FAULTS).json()
    assert (shown["rules"], set(shown["happened"].values())) == ([], {0})
    assert pay(api).status == "succeeded"


def test_the_switches_say_that_they_are_not_stripes(sandbox: Sandbox) -> None:
    shown = sandbox.raw("GET", FAULTS).json()
    assert (shown["object"], shown["livemode"]) == ("sandbox.faults", False)
    assert "Not part of Stripe's API" in shown["note"]
    assert httpx.get(f"{sandbox.url}{FAULTS}").status_code == 401


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "effect"),
        ({"effect": "fire"}, "effect"),
        ({"effect": ["slow"]}, "effect"),
        ({"effect": "slow", "msec": 5}, "msec"),
        ({"effect": "slow", "ms": -1}, "ms"),
        ({"effect": "slow", "ms": 1.5}, "ms"),
        ({"effect": "slow", "nth": 0}, "nth"),
        ({"effect": "slow", "nth": True}, "nth"),
        ({"effect": "slow", "times": "1"}, "times"),
        ({"effect": "timeout_after", "seconds": 1e9}, "seconds"),
        ({"effect": "slow", "method": "PATCH"}, "method"),
        ({"effect": "slow", "path": ""}, "path"),
        ([{"effect": "slow"}, 7], None),
        ([{"effect": "slow"}] * 1001, None),
    ],
)
def test_a_wrong_rule_is_refused_and_none_is_armed(sandbox: Sandbox, api: Any, body: Any, param: str | None) -> None:
    answer = sandbox.raw("POST", FAULTS, json=body)
    assert (answer.status_code, answer.json()["error"].get("param")) == (400, param)
    assert sandbox.raw("GET", FAULTS).json()["rules"] == []


def test_a_rule_that_is_no_json_is_refused(sandbox: Sandbox) -> None:
    assert sandbox.raw("POST", FAULTS, content=b"effect=slow").status_code == 400
