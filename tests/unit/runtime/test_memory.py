"""What is remembered of an actor, and for how long it is trusted."""

from datetime import timedelta

import pytest

from actors.runtime.memory import MEMORY_TRUSTED_FOR, Memory

from .fakes import DAWN

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
