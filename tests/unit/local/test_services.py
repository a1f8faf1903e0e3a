"""The wiring of the embedded services: what each is told."""

import os
from pathlib import Path

import pytest

from cluster.local import mongod, ray_node, services, web
from cluster.local.folder import DataFolder
from cluster.local.parts import Part
from cluster.local.ports import Ports
from cluster.settings import Settings, load
from tests.waiting import wait_for


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


def test_the_embedded_mongodb_caches_as_much_as_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DataFolder(tmp_path)
    folder.logs.mkdir(parents=True)
    program = tmp_path / "mongod"
    program.write_text('#!/bin/sh\necho "$@"')
    program.chmod(0o755)
    monkeypatch.setattr(mongod, "binary", lambda: program)
    services.mongodb(load({"BOXOFFICE_MONGO_CACHE_MIB": "1024"}), folder, Ports(20_000)).begin()
    said = folder.logs / "mongod.log"
    wait_for("what it was started with", lambda: "--oplogSize" in said.read_text(), deadline_s=5)
    assert "--wiredTigerCacheSizeGB 1 " in said.read_text()


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Part]:
    """All parts, of which none runs."""
    monkeypatch.setattr(mongod, "binary", lambda: tmp_path / "mongod")
    return {part.name: part for part in services.parts(load(), DataFolder(tmp_path), Ports(20_000))}


def test_a_marketplace_that_only_lacks_mongodb_answers(parts: dict[str, Part], monkeypatch: pytest.MonkeyPatch) -> None:
    # Given an office that is not ready, behind an HAProxy that works,
    asked: dict[str, float] = {}

    def answers(address: str, *, timeout_s: float = 2.0) -> bool:
        asked[address] = timeout_s
        return address.endswith("/-/healthz")

    monkeypatch.setattr(ray_node, "stage", lambda _: "deployed")
    monkeypatch.setattr(web, "answers", answers)
    # then it does not work, and is no reason to start Ray again.
    assert (parts["ray"].works(), parts["ray"].answers()) == (False, True)
    assert asked == {"http://127.0.0.1:8000/api/ready": 2, "http://127.0.0.1:8000/-/healthz": services.ANSWER_S}


def test_who_is_busy_may_take_longer_to_answer_than_who_works(
    parts: dict[str, Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongod, "try_primary", lambda _: False)
    monkeypatch.setattr(mongod, "answers", lambda _, *, timeout_s: timeout_s == services.ANSWER_S)
    monkeypatch.setattr(web, "answers", lambda _, *, timeout_s=2.0: timeout_s == services.ANSWER_S)
    for name in ("mongod", "sandbox"):
        assert (parts[name].works(), parts[name].answers()) == (False, True)


def test_a_key_under_another_name_is_not_silently_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_hush")
    assert services.remarks(load()) == ["STRIPE_SECRET_KEY is not read: STRIPE_KEY chooses Stripe."]
