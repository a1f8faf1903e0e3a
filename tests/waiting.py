"""Waiting for a condition, with a deadline that names what was missing. The tests sleep nowhere else."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(what: str, condition: Callable[[], T | None], deadline_s: float = 30.0, every_s: float = 0.05) -> T:
    """The first true value of `condition`.

    Raises:
        AssertionError: it was not true by the deadline; says what was missing.
    """
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"missing after {deadline_s:g} s: {what}")
        time.sleep(every_s)
