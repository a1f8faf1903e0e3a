"""Fault rules, as rules: which match they hit, and what they cost."""

import pytest

from cluster.sandbox import fault_rules
from cluster.sandbox.errors import ParameterError
from cluster.sandbox.faults import Faults, Rule


def happens(rule: Rule, path: str = "/v1/refunds", method: str = "POST", *, keyed: bool = True, times: int = 1) -> int:
    faults = Faults()
    faults.arm("fault_1", rule)
    for _ in range(times):
        faults.for_request(method, path, keyed=keyed)
    return faults.happened[rule.effect]


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/v1/refunds", "/v1/refunds", True),
        ("/v1/refunds", "/v1/refunds/re_1", False),
        ("/v1/refunds/*", "/v1/refunds/re_1", True),
        ("/v1/*", "/v1/refunds/re_1", False),
        ("/v1/**", "/v1/refunds/re_1", True),
        ("/v1/*/*/cancel", "/v1/payment_intents/pi_1/cancel", True),
        ("**/confirm", "/v1/payment_intents/pi_1/confirm", True),
        ("/v1/refund.", "/v1/refunds", False),
    ],
)
def test_patterns(pattern: str, path: str, fits: bool) -> None:
    assert happens(Rule(effect="slow", path=pattern), path) == int(fits)


@pytest.mark.parametrize(
    ("nth", "count", "matches", "hits"), [(1, 1, 3, 1), (2, 1, 1, 0), (2, 2, 5, 2), (3, None, 9, 7)]
)
def test_which_matches_are_hit(nth: int, count: int | None, matches: int, hits: int) -> None:
    assert happens(Rule(effect="slow", nth=nth, times=count), times=matches) == hits


def test_methods_and_keys() -> None:
    assert happens(Rule(effect="slow", method="GET")) == 0
    assert happens(Rule(effect="key_in_use"), keyed=False) == 0
    assert happens(Rule(effect="webhook_drop")) == 0


@pytest.mark.parametrize(
    ("event", "fits"), [("*", True), ("charge.*", True), ("charge.failed", False), ("charge", False)]
)
def test_deliveries(event: str, fits: bool) -> None:
    faults = Faults()
    faults.arm("fault_1", Rule(effect="webhook_drop", event=event))
    assert (faults.for_delivery("charge.succeeded") is not None) == fits


def test_a_rule_may_be_bound_to_an_order() -> None:
    faults = Faults()
    assert not faults.ask_whose
    faults.arm("fault_1", Rule(effect="slow", order="7"))
    faults.arm("fault_2", Rule(effect="webhook_drop", order="7"))
    orders = (None, "8", "7")
    assert faults.ask_whose
    assert [faults.for_request("GET", "/v1/a", keyed=False, order=one) is not None for one in orders] == [0, 0, 1]
    assert [faults.for_delivery("charge.succeeded", one) is not None for one in orders] == [0, 0, 1]


def test_the_oldest_rule_that_hits_happens_and_the_others_count_on() -> None:
    faults = Faults()
    faults.arm("fault_1", Rule(effect="slow", nth=2))
    faults.arm("fault_2", Rule(effect="rate_limit", times=2))
    effects = [rule and rule.effect for rule in (faults.for_request("GET", "/v1/a", keyed=False) for _ in "123")]
    assert effects == ["rate_limit", "slow", None]
    assert [(one.matched, one.happened) for one in faults.armed] == [(3, 1), (3, 1)]


def test_a_rule_says_what_is_wrong_with_it() -> None:
    assert fault_rules.parse({"effect": "slow", "ms": 5}) == Rule(effect="slow", ms=5)
    with pytest.raises(ParameterError, match=r"Unknown field: delay\. A rule has effect, method"):
        fault_rules.parse({"effect": "slow", "delay": 5})
    with pytest.raises(ParameterError, match=r"Invalid effect: 'fast'\. It is one of lost_response"):
        fault_rules.parse({"effect": "fast"})
