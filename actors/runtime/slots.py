"""How much work is done at the same time, and whose comes first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Slots:
    """So many at once; what can wait gets half of them at most, so that the others are free for who cannot."""

    def __init__(self, at_once_max: int) -> None:
        """Let so much be done at the same time."""
        self._slots = asyncio.Semaphore(at_once_max)
        self._places = asyncio.Semaphore((at_once_max + 1) // 2)

    @asynccontextmanager
    async def one(self, *, can_wait: bool, news: asyncio.Event) -> AsyncIterator[bool]:
        """Hold a slot as soon as there is one; False, and none, if there was news while this stood in line.

        What can wait stands in line for a place before it takes a slot: however much of it there is, it goes on as fast
        as its places allow. What is waited for may have changed by then, so news is reason to look again.
        """
        if not can_wait:
            async with self._slots:
                yield True
        elif await self._has_place(news):
            try:
                async with self._slots:
                    yield True
            finally:
                self._places.release()
        else:
            yield False

    async def _has_place(self, news: asyncio.Event) -> bool:
        """Stand in line until there is a place, or news: whichever is first."""
        place, told = asyncio.ensure_future(self._places.acquire()), asyncio.ensure_future(news.wait())
        try:
            await asyncio.wait((place, told), return_when=asyncio.FIRST_COMPLETED)
            return place.done()
        except asyncio.CancelledError:
            if place.done():  # it was given in the same moment, and nobody will give it back
                self._places.release()
            raise
        finally:
            told.cancel()
            place.cancel()
