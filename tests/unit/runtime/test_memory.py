"""What is remembered of an actor, and for how long it is trusted."""

from math import inf

import pytest

from actors.runtime.memory import MEMORY_TRUSTED_S, Memory
from actors.runtime.snapshot import Snapshot

from .toy import KEY, Jar

NOW_S, HOUR_S = 40_000.0, 3_600.0


@pytest.mark.parametrize(
    ("later_s", "expected"), [(0, True), (MEMORY_TRUSTED_S, True), (MEMORY_TRUSTED_S + 0.001, False)]
)
def test_memory_is_trusted_for_a_second_after_it_was_checked(later_s: float, expected: bool) -> None:
    assert Memory(checked_s=NOW_S).is_trusted(NOW_S + later_s) is expected


def test_what_was_never_checked_is_not_trusted() -> None:
    assert not Memory().is_trusted(0.0)


@pytest.mark.parametrize(
    ("checked_s", "expected"),
    [
        (-inf, NOW_S),
        (NOW_S - HOUR_S, NOW_S),
        (NOW_S + 0.5, NOW_S + 0.5),  # somebody has looked while the answer was on its way
    ],
)
def test_what_the_store_confirms_is_as_old_as_the_question(checked_s: float, expected: float) -> None:
    memory = Memory(Snapshot(KEY, Jar(id=KEY, version=3)), checked_s)
    memory.confirm(3, asked_s=NOW_S)
    assert memory.checked_s == expected


def test_another_version_confirms_nothing() -> None:
    memory = Memory(Snapshot(KEY, Jar(id=KEY, version=3)))
    memory.confirm(4, asked_s=NOW_S)
    assert memory.checked_s == -inf
