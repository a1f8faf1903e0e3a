"""Virtual time: an event loop that never waits, and the clock that agrees with it."""

import asyncio
import selectors
from datetime import UTC, datetime, timedelta

MILLISECOND = timedelta(milliseconds=1)
DAWN = datetime(2030, 1, 1, tzinfo=UTC)
"""What the clock shows when a loop begins."""


class Stalled(Exception):
    """Nothing is ready and nothing is scheduled: real time would stand still for ever."""


class VirtualSelector(selectors.SelectSelector):
    """Instead of waiting for input, moves the time on to the next timer."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list:
        if timeout is None:
            raise Stalled
        if timeout > 0:
            self.now_s += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs tasks and timers in the order of their virtual times. No threads, no input, no real time."""

    def __init__(self) -> None:
        self._virtual = VirtualSelector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Virtual seconds since the loop began."""
        return self._virtual.now_s


class VirtualClock:
    """Shows the loop's time as a moment."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        """The present moment in UTC, cut to whole milliseconds."""
        return DAWN + timedelta(seconds=self._loop.time()) // MILLISECOND * MILLISECOND
