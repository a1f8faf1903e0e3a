"""Waking those who wait for news: at once after a quiet while, else at intervals."""

import asyncio
from collections.abc import Callable, Sequence

from actors.runtime.clock import steady_s

Reader = tuple[asyncio.Future[None], Callable[[], bool]]
"""Who waits, and the question whether there is anything for him."""

INTERVAL_S = 0.15
"""Seconds between two wakings. Under load every reader then gets one message for many changes."""

AT_ONCE = 50
"""Readers asked before the event loop looks after others again."""


class Bell:
    """Rings for all who wait."""

    def __init__(self, interval_s: float = INTERVAL_S) -> None:
        """Ring at most every `interval_s` seconds."""
        self._interval_s = interval_s
        self._waiting: set[Reader] = set()
        self._next: asyncio.TimerHandle | None = None
        self._rang_s = float("-inf")

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def ring(self) -> None:
        """Ask all who wait now or until the next interval begins."""
        if self._next is None:
            loop = asyncio.get_running_loop()
            self._next = loop.call_at(max(loop.time(), self._rang_s + self._interval_s), self._ring)

    async def wait(self, until_s: float, wakes: Callable[[], bool] = lambda: True) -> None:
        """Wait until the bell rings and `wakes` says yes, or until the event loop's time is `until_s`.

        Asking costs a fraction of waking a task, and most news is nothing to most readers.
        """
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        timer = loop.call_at(until_s, _wake, waiter)
        reader = (waiter, wakes)
        self._waiting.add(reader)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiting.discard(reader)

    def _ring(self) -> None:
        self._next = None
        self._rang_s = steady_s()
        _ask_in_turn(tuple(self._waiting))


def _ask_in_turn(readers: Sequence[Reader]) -> None:
    """Ask some, and the others when the event loop has been round: requests are answered in between."""
    for waiter, wakes in readers[:AT_ONCE]:
        if not waiter.done():
            _ask(waiter, wakes)
    if len(readers) > AT_ONCE:
        asyncio.get_running_loop().call_soon(_ask_in_turn, readers[AT_ONCE:])


def _ask(waiter: asyncio.Future[None], wakes: Callable[[], bool]) -> None:
    try:
        if wakes():
            waiter.set_result(None)
    except Exception as defect:  # noqa: BLE001  it is this reader's, and must not keep the others asleep
        waiter.set_exception(defect)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
