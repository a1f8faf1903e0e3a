"""The wiring of the embedded services: what each is told."""

import os

import pytest

from cluster.local import services
from cluster.settings import Settings, load


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name in {*Settings.names(), *services.MISNAMED}:
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("fd00::2", "http://[fd00::2]:8000"),
        ("tickets.example", "http://tickets.example:8000"),
    ],
)
def test_the_marketplace_is_reached_where_it_listens(host: str, url: str) -> None:
    assert services.local_url(load({"BOXOFFICE_HOST": host})) == url


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_loopback_there_is_nothing_to_remark(host: str) -> None:
    assert services.remarks(load({"BOXOFFICE_HOST": host})) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "tickets.example"])
def test_elsewhere_the_sandboxs_pages_do_not_open(host: str) -> None:
    assert services.remarks(load({"BOXOFFICE_HOST": host})) == [
        "The sandbox's checkout pages open on this machine only."
    ]
    assert services.remarks(load({"BOXOFFICE_HOST": host, "STRIPE_KEY": "sk_test_x"})) == []


def test_a_key_under_another_name_is_not_silently_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_hush")
    assert services.remarks(load()) == ["STRIPE_SECRET_KEY is not read: STRIPE_KEY chooses Stripe."]
