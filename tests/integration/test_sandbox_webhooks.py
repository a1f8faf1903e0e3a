"""Events and their deliveries: signed as Stripe signs, verified with the official SDK, repeated until they arrive."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from tests.integration.test_sandbox import ROOT, Sandbox, declined, keyed, pay, refused
from tests.integration.test_sandbox_checkout import opened, send
from tests.waiting import wait_for

SECRET = "whsec_of_the_tests"
PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


class Shop:
    """A receiver of webhooks on this machine: verifies each and answers as it is told."""

    def __init__(self) -> None:
        self.secret = SECRET
        self.got: list[Any] = []
        self.attempts = 0
        self.answers: list[int] = []
        """The status codes of the next answers; 200 when it is empty."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhook"

    def _handler(shop: "Shop") -> type[BaseHTTPRequestHandler]:  # noqa: N805  the handler has the other self
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                shop.attempts += 1
                status = shop.answers.pop(0) if shop.answers else 200
                if status == 200:
                    shop.got.append(stripe.Webhook.construct_event(body, self.headers["stripe-signature"], shop.secret))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

    def types(self) -> list[str]:
        return [event.type for event in self.got]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def shop() -> Iterator[Shop]:
    running = Shop()
    yield running
    running.close()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("webhooks") / "sandbox.sqlite3")
    yield running
    running.end()


@pytest.fixture
def api(sandbox: Sandbox) -> Any:
    return sandbox.client().v1


@pytest.fixture
def listening(sandbox: Sandbox, api: Any, shop: Shop) -> Iterator[Any]:
    """An endpoint for everything."""
    endpoint = api.webhook_endpoints.create({"url": shop.url, "enabled_events": ["*"]})
    shop.secret = endpoint.secret
    yield endpoint
    api.webhook_endpoints.delete(endpoint.id)
    sandbox.raw("DELETE", "/v1/sandbox/faults")


def got(shop: Shop, count: int) -> list[Any]:
    wait_for(f"{count} verified deliveries", lambda: len(shop.got) >= count, 15)
    assert len(shop.got) == count, shop.types()
    return shop.got


def events_of(api: Any, object_id: str) -> list[Any]:
    """What happened to an object and what belongs to it, oldest first."""
    found = api.events.list({"limit": 100}).data[::-1]
    of = lambda one: (one.data.object["id"], one.data.object.to_dict().get("payment_intent"))  # noqa: E731
    return [event for event in found if object_id in of(event)]


def types_of(api: Any, object_id: str) -> list[str]:
    return [event.type for event in events_of(api, object_id)]


# Events


def test_a_payment_is_told_by_events(api: Any) -> None:
    intent = api.payment_intents.create(
        {
            "amount": 1000,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "payment_method_types": ["card"],
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


# Endpoints


def test_an_endpoint_tells_its_secret_once(api: Any, listening: Any) -> None:
    assert listening.secret.startswith("whsec_")
    assert (listening.status, listening.enabled_events) == ("enabled", ["*"])
    found = [api.webhook_endpoints.retrieve(listening.id), *api.webhook_endpoints.list().data]
    assert [one.id for one in found] == [listening.id, listening.id]
    assert all("secret" not in one.to_dict() for one in found)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook",
        "http://192.168.1.1/hook",
        "http://127.0.0.1.example.com/",
        "http://user@127.0.0.1/",
        "file:///etc/passwd",
        "http://[::1/",
        "nowhere",
    ],
)
def test_nothing_is_delivered_to_other_machines(api: Any, url: str) -> None:
    error = refused(lambda: api.webhook_endpoints.create({"url": url, "enabled_events": ["*"]}))
    assert (error.code, error.param) == ("url_invalid", "url")
    assert "this machine only" in str(error)


def test_a_deleted_endpoint_gets_nothing_more(api: Any, shop: Shop) -> None:
    endpoint = api.webhook_endpoints.create({"url": shop.url, "enabled_events": ["charge.succeeded"]})
    shop.answers = [500] * 1000
    pay(api)
    wait_for("a first attempt", lambda: shop.attempts, 10)
    assert api.webhook_endpoints.delete(endpoint.id).to_dict() == {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "deleted": True,
    }
    assert refused(lambda: api.webhook_endpoints.retrieve(endpoint.id), 404).code == "resource_missing"
    assert api.events.list({"limit": 1, "type": "charge.succeeded"}).data[0].pending_webhooks == 0


# Deliveries


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


def command(data: Path, *given: str, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "cluster.sandbox", "--port", "0", "--data", str(data), *given],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("in_environment", [True, False])
def test_the_command_line_names_an_endpoint(tmp_path: Path, shop: Shop, in_environment: bool) -> None:
    data = tmp_path / "sandbox.sqlite3"
    secret = [] if in_environment else ["--webhook-secret", SECRET]
    running = command(data, "--webhook-url", shop.url, *secret, STRIPE_WEBHOOK_SECRET=SECRET if in_environment else "")
    try:
        assert running.stdout is not None
        url = running.stdout.readline().rsplit(" ", 1)[1].strip()
        client: Any = stripe.StripeClient(
            "sk_test_1", base_addresses={"api": url}, http_client=stripe.HTTPXClient(allow_sync_methods=True)
        )
        pay(client.v1)
        assert sorted(event.type for event in got(shop, 3)) == sorted(PAID)
    finally:
        running.terminate()
        running.communicate(timeout=20)


@pytest.mark.parametrize(
    ("url", "secret", "words"),
    [
        ("https://example.com/", SECRET, "this machine only"),
        ("http://127.0.0.1:1/", "", "STRIPE_WEBHOOK_SECRET"),
        ("http://127.0.0.1:1/", "password", "whsec_"),
    ],
)
def test_a_wrong_command_line_ends_with_one_sentence(tmp_path: Path, url: str, secret: str, words: str) -> None:
    running = command(tmp_path / "sandbox.sqlite3", "--webhook-url", url, STRIPE_WEBHOOK_SECRET=secret)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 1
    assert words in said
    assert len(said.splitlines()) == 1


# Faults of deliveries


def arm(sandbox: Sandbox, **rule: Any) -> httpx.Response:
    return sandbox.raw("POST", "/v1/sandbox/faults", json=rule)


def happened(sandbox: Sandbox) -> dict[str, int]:
    counts: dict[str, int] = sandbox.raw("GET", "/v1/sandbox/faults").json()["happened"]
    return {effect: count for effect, count in counts.items() if count}


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
