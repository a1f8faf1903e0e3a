"""Waking those who wait for news: at once after a quiet while, else at intervals."""

import asyncio
from collections.abc import Sequence

INTERVAL_S = 0.15
"""Seconds between two wakings. Under load every reader then gets one message for many changes."""

AT_ONCE = 50
"""Readers woken before the event loop looks after others again."""


class Bell:
    """Rings for all who wait."""

    def __init__(self, interval_s: float = INTERVAL_S) -> None:
        """Ring at most every `interval_s` seconds."""
        self._interval_s = interval_s
        self._waiting: set[asyncio.Future[None]] = set()
        self._next: asyncio.TimerHandle | None = None
        self._rang_s = float("-inf")

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def ring(self) -> None:
        """Wake all who wait now or until the next interval begins."""
        if self._next is None:
            loop = asyncio.get_running_loop()
            self._next = loop.call_at(max(loop.time(), self._rang_s + self._interval_s), self._ring)

    async def wait(self, until_s: float) -> None:
        """Wait for the bell, or until the event loop's time is `until_s`."""
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        timer = loop.call_at(until_s, _wake, waiter)
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiting.discard(waiter)

    def _ring(self) -> None:
        self._next = None
        self._rang_s = asyncio.get_running_loop().time()
        _wake_in_turn(tuple(self._waiting))


def _wake_in_turn(waiters: Sequence[asyncio.Future[None]]) -> None:
    """Wake some, and the others when the event loop has been round: requests are answered in between."""
    for waiter in waiters[:AT_ONCE]:
        _wake(waiter)
    if len(waiters) > AT_ONCE:
        asyncio.get_running_loop().call_soon(_wake_in_turn, waiters[AT_ONCE:])


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
