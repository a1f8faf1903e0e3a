"""Who hears of events: endpoints by the API and by the command line."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.integration.office import ROOT
from tests.integration.sandbox.shop import PAID, SECRET, Shop, got
from tests.integration.sandbox.steps import pay, refused
from tests.waiting import wait_for


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
