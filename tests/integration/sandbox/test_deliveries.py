"""Deliveries: signed as Stripe signs, verified with the official SDK, repeated until they arrive."""

import signal
import time
from pathlib import Path
from typing import Any

from tests.integration.sandbox.faults import arm, happened
from tests.integration.sandbox.hosted_page import opened, send
from tests.integration.sandbox.process import Sandbox
from tests.integration.sandbox.shop import PAID, Shop, events_of, got
from tests.integration.sandbox.steps import pay
from tests.waiting import wait_for


def test_deliveries_verify_with_the_official_library(sandbox: Sandbox, api: Any, shop: Shop, listening: Any) -> None:
    intent = pay(api)
    arrived = {event.type: event for event in got(shop, 3)}
    assert sorted(arrived) == sorted(PAID)
    paid = arrived["payment_intent.succeeded"]
    assert paid.data.object.to_dict() == intent.to_dict()
    assert paid.pending_webhooks == 1
    wait_for("no delivery left", lambda: api.events.retrieve(paid.id).pending_webhooks == 0, 5)


def test_only_enabled_events_are_delivered(api: Any, shop: Shop) -> None:
    endpoint = api.webhook_endpoints.create(
        {"url": shop.url, "enabled_events": ["checkout.session.completed", "checkout.session.expired"]}
    )
    shop.secret = endpoint.secret
    pay(api)
    session = opened(api)
    send(session.url)
    (event,) = got(shop, 1)
    assert (event.type, event.data.object.id) == ("checkout.session.completed", session.id)
    api.webhook_endpoints.delete(endpoint.id)


def test_a_failed_delivery_is_repeated(api: Any, shop: Shop, listening: Any) -> None:
    shop.answers = [500, 302, 404]
    started = time.monotonic()
    pay(api)
    got(shop, 3)
    assert shop.attempts == 6
    assert time.monotonic() - started >= 1.0


def test_undelivered_events_outlive_the_process(tmp_path: Path, shop: Shop) -> None:
    # Given a shop that is closed, and a payment
    own = Sandbox(tmp_path / "sandbox.sqlite3")
    api: Any = own.client().v1
    shop.answers = [503] * 1000
    endpoint = api.webhook_endpoints.create({"url": shop.url, "enabled_events": ["payment_intent.succeeded"]})
    shop.secret = endpoint.secret
    intent = pay(api)
    wait_for("a first attempt", lambda: shop.attempts, 10)
    # When the sandbox is killed, and the shop opens
    own.end(signal.SIGKILL)
    assert shop.got == []
    shop.answers = []
    own.start()
    # Then the event arrives
    (event,) = got(shop, 1)
    assert (event.type, event.data.object.id) == ("payment_intent.succeeded", intent.id)
    own.end()


def test_a_duplicate_arrives_twice(sandbox: Sandbox, api: Any, shop: Shop, listening: Any) -> None:
    arm(sandbox, effect="webhook_duplicate", event="charge.succeeded")
    pay(api)
    types = sorted(event.type for event in got(shop, 4))
    assert types == sorted([*PAID, "charge.succeeded"])
    assert len({event.id for event in shop.got}) == 3
    assert happened(sandbox) == {"webhook_duplicate": 1}


def test_a_late_one_comes_late(sandbox: Sandbox, api: Any, shop: Shop, listening: Any) -> None:
    arm(sandbox, effect="webhook_delay", event="payment_intent.created", seconds=1)
    started = time.monotonic()
    pay(api)
    assert got(shop, 3)[-1].type == "payment_intent.created"
    assert time.monotonic() - started >= 1.0


def test_a_reordered_one_is_overtaken(sandbox: Sandbox, api: Any, shop: Shop, listening: Any) -> None:
    arm(sandbox, effect="webhook_reorder", event="payment_intent.created")
    pay(api)
    got(shop, 3)
    assert shop.types()[0] != "payment_intent.created"


def test_a_dropped_one_comes_again_and_a_lost_one_never(sandbox: Sandbox, api: Any, shop: Shop, listening: Any) -> None:
    arm(sandbox, effect="webhook_drop", event="payment_intent.created")
    arm(sandbox, effect="webhook_never", event="payment_intent.succeeded")
    intent = pay(api)
    assert sorted(event.type for event in got(shop, 2)) == ["charge.succeeded", "payment_intent.created"]
    assert happened(sandbox) == {"webhook_drop": 1, "webhook_never": 1}
    lost = next(one for one in events_of(api, intent.id) if one.type == "payment_intent.succeeded")
    assert lost.pending_webhooks == 0
