"""A few places for costly work: so many may do it at once, some more may wait, and whoever comes then is told so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from serve_app.refusals import OVERLOADED, ApiError


class Places:
    """The places for one kind of work in this replica."""

    def __init__(self, count: int, waiting_max: int) -> None:
        """Let `count` work at once, and `waiting_max` wait."""
        self._free = asyncio.Semaphore(count)
        self._waiting_max = waiting_max
        self._waiting = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A place, for as long as this is entered.

        Raises:
            ApiError: too many wait already (`overloaded`).
        """
        if self._waiting >= self._waiting_max:
            raise ApiError(OVERLOADED)
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()
