"""Which requests a fault strikes, and how it is asked for."""

from typing import Any

import httpx
import pytest
import stripe

from tests.integration.sandbox.faults import FAULTS, VISA, arm, fails, happened
from tests.integration.sandbox.hosted_page import asked
from tests.integration.sandbox.process import Sandbox
from tests.integration.sandbox.steps import pay


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
