"""Whether there are sockets for all connections."""

import resource

import pytest

from cluster.local.errors import ProofError
from cluster.sale.open_files import demand_files


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What was in force, the last being so now; at first 1,024, and 4,096 for who asks."""
    in_force = [(1_024, 4_096)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: in_force[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: in_force.append(limits))
    return in_force


@pytest.mark.parametrize(("connections", "expected"), [(256, (1_024, 4_096)), (1_000, (2_200, 4_096))])
def test_what_is_needed_is_asked_for(
    limits: list[tuple[int, int]], connections: int, expected: tuple[int, int]
) -> None:
    demand_files(connections)
    assert limits[-1] == expected


def test_what_the_system_does_not_give_stops_the_sale(limits: list[tuple[int, int]]) -> None:
    with pytest.raises(ProofError, match="--connections 2,000 needs 4,200 open files") as caught:
        demand_files(2_000)
    assert caught.value.exit_status == 2
    assert limits == [(1_024, 4_096)]
