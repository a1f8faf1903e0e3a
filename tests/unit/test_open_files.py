"""How many files a process may have open, and asking for more."""

import resource

import pytest

from cluster import open_files

Limits = list[tuple[int, int]]


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Limits:
    """What was in force, the last being so now; at first 1,024, and 4,096 for who asks."""
    in_force = [(1_024, 4_096)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: in_force[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: in_force.append(limits))
    return in_force


@pytest.mark.parametrize(("wanted", "given"), [(100, 1_024), (2_000, 2_000), (9_000, 4_096)])
def test_what_is_wanted_is_given_as_far_as_the_system_lets_it(limits: Limits, wanted: int, given: int) -> None:
    open_files.ask_for(wanted)
    assert limits[-1] == (given, 4_096)


def test_without_a_limit_there_is_nothing_to_ask_for(limits: Limits) -> None:
    limits.append((resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    open_files.ask_for(9_000)
    assert len(limits) == 2
    assert open_files.most() > 10**9


def test_where_only_who_asks_has_no_limit_all_is_given(limits: Limits) -> None:
    limits.append((1_024, resource.RLIM_INFINITY))
    open_files.ask_for(9_000)
    assert limits[-1] == (9_000, resource.RLIM_INFINITY)
