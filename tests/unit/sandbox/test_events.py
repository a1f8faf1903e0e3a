"""What a change to an object is called."""

from collections.abc import Callable
from typing import Any

import pytest

from cluster.sandbox import events, intents
from cluster.sandbox.shapes import Cause, Json
from tests.unit.sandbox.given import NOW, attempt, confirmed, intent, method, session


def types(before: Json | None, after: Json | None) -> list[str]:
    assert after is not None
    return [change.type for change in events.changes(before, after)]


def charge(**given: Any) -> Json:
    made = confirmed("visa").charge
    assert made is not None
    return {**made, **given}


def refund(status: str) -> Json:
    return {"id": "re_1", "object": "refund", "status": status}


CHANGES: list[tuple[Callable[[], tuple[Json | None, Json | None]], list[str]]] = [
    (lambda: (None, intent()), ["payment_intent.created"]),
    (lambda: (intent(), intent()), []),
    (lambda: (intent(), {**intent(), "metadata": {"a": "1"}}), []),
    (lambda: (intent(), confirmed("visa").intent), ["payment_intent.succeeded"]),
    (lambda: (intent(), confirmed("visa_chargeDeclined").intent), ["payment_intent.payment_failed"]),
    (lambda: (intent(), confirmed("threeDSecure2Required").intent), ["payment_intent.requires_action"]),
    (
        lambda: (intent(), confirmed("visa", capture_method="manual").intent),
        ["payment_intent.amount_capturable_updated"],
    ),
    (lambda: (intent(), intents.cancel(intent(), None, None, NOW).intent), ["payment_intent.canceled"]),
    (lambda: (None, charge()), ["charge.succeeded"]),
    (lambda: (None, confirmed("visa_chargeDeclined").charge), ["charge.failed"]),
    (lambda: (charge(), charge(amount_refunded=5)), ["charge.refunded"]),
    (lambda: (charge(amount_refunded=5), charge()), []),
    (lambda: (charge(captured=False), charge()), ["charge.captured"]),
    (lambda: (None, refund("pending")), ["refund.created"]),
    (lambda: (refund("pending"), refund("succeeded")), ["refund.updated"]),
    (lambda: (refund("pending"), refund("failed")), ["refund.updated", "refund.failed"]),
    (lambda: (None, session()), []),
    (lambda: (session(), {**session(), "status": "complete"}), ["checkout.session.completed"]),
    (lambda: (session(), {**session(), "status": "expired"}), ["checkout.session.expired"]),
    (lambda: (None, method()), []),
]


@pytest.mark.parametrize(("states", "expected"), CHANGES)
def test_changes(states: Any, expected: list[str]) -> None:
    assert types(*states()) == expected
    assert set(expected) <= set(events.TYPES)


def test_every_type_is_reached() -> None:
    assert {name for _, names in CHANGES for name in names} == set(events.TYPES)


def test_a_second_decline_is_a_second_event() -> None:
    first = confirmed("visa_chargeDeclined").intent
    again = intents.confirm(
        intents.attach(first, "pm_2"), method("visa_chargeDeclined"), attempt(charge_id="ch_2")
    ).intent
    assert types(first, again) == ["payment_intent.payment_failed"]


def test_an_event_carries_the_whole_object_and_what_it_was() -> None:
    (change,) = events.changes(charge(), charge(amount_refunded=400))
    event = events.new("evt_1", change, Cause("req_1", "key"), NOW)
    assert event["data"] == {
        "object": charge(amount_refunded=400),
        "previous_attributes": {"amount_refunded": 0},
    }
    assert (event["created"], event["livemode"], event["pending_webhooks"]) == (NOW, False, 0)
