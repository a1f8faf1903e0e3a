"""What is remembered of an actor, and for how long it is trusted."""

from datetime import datetime, timedelta

import pytest

from actors.runtime.memory import MEMORY_TRUSTED_FOR, Memory
from actors.runtime.snapshot import Snapshot

from .fakes import DAWN
from .toy import KEY, Jar

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (timedelta(0), True),
        (MEMORY_TRUSTED_FOR, True),
        (MEMORY_TRUSTED_FOR + timedelta(milliseconds=1), False),
        (-HOUR, False),  # the clock was put back: nobody knows how long ago the check was
    ],
)
def test_memory_is_trusted_for_a_second_after_it_was_checked(later: timedelta, expected: bool) -> None:
    assert Memory(checked_at=DAWN).is_trusted(DAWN + later) is expected


def test_what_was_never_checked_is_not_trusted() -> None:
    assert not Memory().is_trusted(DAWN)


@pytest.mark.parametrize(
    ("checked_at", "expected"),
    [
        (None, DAWN),
        (DAWN - HOUR, DAWN),
        (DAWN + HOUR / 2, DAWN + HOUR / 2),  # somebody has looked while the answer was on its way
        (DAWN + 2 * HOUR, DAWN),  # the clock was put back: that check says nothing, and must not stand in the way
    ],
)
def test_what_the_store_confirms_is_as_old_as_the_question(checked_at: datetime | None, expected: datetime) -> None:
    memory = Memory(Snapshot(KEY, Jar(id=KEY, version=3)), checked_at)
    memory.confirm(3, asked_at=DAWN, now=DAWN + HOUR)
    assert memory.checked_at == expected


def test_another_version_confirms_nothing() -> None:
    memory = Memory(Snapshot(KEY, Jar(id=KEY, version=3)))
    memory.confirm(4, asked_at=DAWN, now=DAWN)
    assert memory.checked_at is None
