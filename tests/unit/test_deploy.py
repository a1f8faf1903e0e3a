"""Deploying on a cluster: what would keep the office from opening is a sentence, and it waits for its machines."""

from collections.abc import Sequence
from typing import Never

import pytest
import ray

from cluster import deploy
from cluster.deploy import await_nodes, demand_closed, main
from cluster.local import mongo_url, partitions
from cluster.local.errors import DatabaseError, ServiceError

HEAD, FIRST, SECOND = "10.0.0.10", "10.0.0.11", "10.0.0.12"
GIVEN = {"MONGO_URL": "mongodb://given", "JWT_KEY": "k" * 32, "STRIPE_KEY": "sk_test_1"}


@pytest.fixture(autouse=True)
def given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings with which an office opens, a database that fits them, and no Ray."""
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(mongo_url, "demand_replica_set", lambda _url: None)
    monkeypatch.setattr(partitions, "demand_agreement", lambda _settings: None)
    monkeypatch.setattr(ray, "init", no_ray)
    called(monkeypatch)


def called(monkeypatch: pytest.MonkeyPatch, *flags: str) -> None:
    monkeypatch.setattr("sys.argv", ["cluster.deploy", *flags])


def no_ray(*_: object, **__: object) -> Never:
    raise ConnectionError("Could not find any running Ray instance.\nPlease specify the one to connect to.")


def test_it_goes_on_once_the_last_machine_has_joined() -> None:
    here = iter([[HEAD], [HEAD, FIRST], [HEAD, FIRST, SECOND]])
    await_nodes(3, lambda: next(here), within_s=10)
    assert list(here) == [], "it did not wait for the third"


@pytest.mark.parametrize("here", [[HEAD], [HEAD, SECOND]])
def test_who_has_joined_is_named_when_others_never_do(here: Sequence[str]) -> None:
    said = rf"^{len(here)} of 3 machines have joined Ray after 0 s \({', '.join(here)}\); nothing is deployed\.$"
    with pytest.raises(ServiceError, match=said):
        await_nodes(3, lambda: here, within_s=0)


def test_what_a_cluster_must_be_given_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    called(monkeypatch, "--check")
    for name in GIVEN:
        monkeypatch.delenv(name)
    with pytest.raises(SystemExit, match=r"MONGO_URL: not given[^$]*STRIPE_KEY: not given"):
        main()


def test_checking_needs_no_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    called(monkeypatch, "--check")
    main()


@pytest.mark.parametrize("flags", [["--check"], ["--nodes", "3"]])
@pytest.mark.parametrize(
    ("demand", "sentence"), [("mongo_url.demand_replica_set", "no set"), ("partitions.demand_agreement", "2, not 1")]
)
def test_a_database_that_does_not_fit_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, flags: list[str], demand: str, sentence: str
) -> None:
    def refuse(_: object) -> Never:
        raise DatabaseError(f"{sentence}.", "Mend it.")

    monkeypatch.setattr(f"cluster.local.{demand}", refuse)
    called(monkeypatch, *flags)
    with pytest.raises(SystemExit, match=rf"^{sentence}\.\nMend it\.$"):
        main()


def test_no_ray_is_a_sentence() -> None:
    said = r"^The office was not opened: Could not find any running Ray instance\.\nThe logs below \S+ say more\.$"
    with pytest.raises(SystemExit, match=said):
        main()


def test_an_application_that_does_not_come_up_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_settings: object) -> Never:
        raise RuntimeError("Deploying application boxoffice failed: the constructor raised.\nTraceback …")

    monkeypatch.setattr(ray, "init", lambda *_, **__: None)
    monkeypatch.setattr(deploy, "list_named_actors", lambda **_: [])
    monkeypatch.setattr(deploy, "joined", lambda: [HEAD])
    monkeypatch.setattr(deploy, "deploy", fail)
    with pytest.raises(SystemExit, match=r"boxoffice failed: the constructor raised\.\nThe logs below"):
        main()


def test_where_supervisors_run_already_nothing_is_deployed() -> None:
    # They would go on under other settings than the new replicas'.
    demand_closed([{"name": "SERVE_CONTROLLER_ACTOR", "namespace": "serve"}], "boxoffice")
    with pytest.raises(ServiceError, match=r"^The office runs here, and its supervisors") as caught:
        demand_closed([{"name": "tickets/0", "namespace": "boxoffice"}], "boxoffice")
    assert "`ray up`" in caught.value.advice
