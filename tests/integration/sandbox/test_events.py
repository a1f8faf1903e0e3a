"""Every change has its event."""

from typing import Any

from tests.integration.sandbox.hosted_page import opened, send
from tests.integration.sandbox.shop import PAID, events_of, types_of
from tests.integration.sandbox.steps import declined, keyed, pay, refused


def test_a_payment_is_told_by_events(api: Any) -> None:
    intent = api.payment_intents.create(
        {
            "amount": 1000,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "allowed_payment_method_types": ["card"],
        },
        keyed("told"),
    )
    created, charged, paid = events_of(api, intent.id)
    assert [created.type, charged.type, paid.type] == PAID
    assert (created.data.object.status, paid.data.object.status) == ("requires_payment_method", "succeeded")
    assert charged.data.object.id == intent.latest_charge
    assert paid.data.object.to_dict() == intent.to_dict()
    assert paid.request.to_dict() == {
        "id": intent.last_response.headers["Request-Id"],
        "idempotency_key": "told",
    }
    assert (paid.object, paid.livemode, paid.pending_webhooks) == ("event", False, 0)
    assert paid.api_version == "2026-10-28.endive"
    assert api.events.retrieve(paid.id).to_dict() == paid.to_dict()


def test_every_change_has_its_event(api: Any) -> None:
    # A decline, and a cancellation after it
    error: Any = declined(lambda: pay(api, "pm_card_visa_chargeDeclined")).error
    intent_id = error.payment_intent.id
    api.payment_intents.cancel(intent_id)
    assert types_of(api, intent_id) == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
    ]
    # A payment that asks for 3-D Secure, is held, captured and refunded
    held = pay(api, capture_method="manual")
    api.payment_intents.capture(held.id)
    api.refunds.create({"payment_intent": held.id, "amount": 300})
    assert types_of(api, held.id) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
        "charge.refunded",
        "refund.created",
    ]
    # A refund that fails later
    late = pay(api, "pm_card_refundFail")
    refund = api.refunds.create({"payment_intent": late.id})
    api.refunds.retrieve(refund.id)
    assert types_of(api, late.id) == [
        *PAID,
        "charge.refunded",
        "refund.created",
        "refund.updated",
        "refund.failed",
    ]
    (updated,) = [one for one in events_of(api, late.id) if one.type == "refund.updated"]
    assert updated.data.previous_attributes.status == "succeeded"


def test_a_challenge_and_a_checkout_have_events(api: Any) -> None:
    intent = pay(api, "pm_card_threeDSecure2Required", return_url="https://shop.test/")
    assert types_of(api, intent.id) == ["payment_intent.created", "payment_intent.requires_action"]
    paid, left = opened(api), opened(api)
    send(paid.url)
    api.checkout.sessions.expire(left.id)
    session = api.checkout.sessions.retrieve(paid.id)
    assert types_of(api, session.payment_intent) == [*PAID, "checkout.session.completed"]
    assert types_of(api, left.id) == ["checkout.session.expired"]
    completed = events_of(api, paid.id)[-1]
    assert completed.data.object.to_dict() == session.to_dict()
    assert completed.request.to_dict() == {"id": None, "idempotency_key": None}


def test_what_changes_nothing_makes_no_event(api: Any) -> None:
    before = api.events.list({"limit": 1}).data
    refused(lambda: api.payment_intents.create({"amount": 10, "currency": "usd"}))
    refused(lambda: api.payment_intents.retrieve("pi_no"), 404)
    intent = api.payment_intents.create({"amount": 700, "currency": "usd"}, keyed("quiet"))
    api.payment_intents.create({"amount": 700, "currency": "usd"}, keyed("quiet"))
    api.payment_intents.update(intent.id, {"metadata": {"a": "1"}})
    since = api.events.list({"limit": 100, "ending_before": before[0].id} if before else {}).data
    assert [one.type for one in since] == ["payment_intent.created"]


def test_events_are_found_by_type_time_and_place(api: Any) -> None:
    intent = pay(api)
    refund = api.refunds.create({"payment_intent": intent.id})
    newest = api.events.list({"limit": 5}).data
    assert [one.type for one in newest] == ["refund.created", "charge.refunded", *PAID[::-1]]

    def found(**given: Any) -> list[str]:
        given.setdefault("ending_before", newest[4].id)
        return [one.type for one in api.events.list(given).data]

    assert found(type="charge.succeeded") == ["charge.succeeded"]
    assert found(type="charge.*") == ["charge.refunded", "charge.succeeded"]
    assert found(types=["refund.created", "payment_intent.succeeded"]) == ["refund.created", "payment_intent.succeeded"]
    assert found(created={"gt": newest[0].created}) == []
    assert found() == [one.type for one in newest[:4]]
    assert refused(lambda: found(starting_after=newest[0].id)).code == "parameters_exclusive"
    nearest = api.events.list({"ending_before": newest[4].id, "limit": 2})
    assert ([one.id for one in nearest.data], nearest.has_more) == ([newest[2].id, newest[3].id], True)
    assert refused(lambda: found(type="a.b", types=["c.d"])).code == "parameters_exclusive"
    assert newest[0].data.object["id"] == refund.id
    assert refused(lambda: api.events.retrieve("evt_no"), 404).code == "resource_missing"
