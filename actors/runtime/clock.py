"""Time, injected: UTC, to the millisecond, for BSON dates have no finer grain. And how long ago something was."""

import asyncio
from datetime import UTC, datetime
from time import time_ns
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Waiting is left to the event loop, whose time the clock must agree with."""

    def now(self) -> datetime:
        """The present moment in UTC, cut to whole milliseconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment in UTC, cut to whole milliseconds."""
        return datetime.fromtimestamp(time_ns() // 1_000_000 / 1_000, UTC)  # twice as fast as cutting afterwards


def steady_s() -> float:
    """Seconds of the event loop's time, which nobody sets: no step of a clock may lengthen a lease or a trust."""
    return asyncio.get_running_loop().time()
