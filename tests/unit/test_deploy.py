"""Deploying waits for the machines that are to share the work."""

import pytest

from cluster.deploy import await_nodes
from cluster.local.errors import ServiceError


def test_it_goes_on_once_the_last_machine_has_joined() -> None:
    counts = iter([1, 2, 3])
    await_nodes(3, lambda: next(counts), within_s=10)
    assert list(counts) == [], "it did not wait for the third"


def test_it_gives_up_on_machines_that_never_join() -> None:
    with pytest.raises(ServiceError, match=r"^1 of 3 machines have joined Ray after 0 s; nothing is deployed\.$"):
        await_nodes(3, lambda: 1, within_s=0)
