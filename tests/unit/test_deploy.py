"""Deploying waits for the machines that are to share the work."""

import pytest

from cluster.deploy import await_nodes, main
from cluster.local.errors import ServiceError


def test_it_goes_on_once_the_last_machine_has_joined() -> None:
    counts = iter([1, 2, 3])
    await_nodes(3, lambda: next(counts), within_s=10)
    assert list(counts) == [], "it did not wait for the third"


def test_it_gives_up_on_machines_that_never_join() -> None:
    with pytest.raises(ServiceError, match=r"^1 of 3 machines have joined Ray after 0 s; nothing is deployed\.$"):
        await_nodes(3, lambda: 1, within_s=0)


def test_what_a_cluster_must_be_given_is_named_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["cluster.deploy"])
    for name in ("MONGO_URL", "JWT_KEY", "STRIPE_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit, match=r"MONGO_URL: not given[^$]*STRIPE_KEY: not given"):
        main()
