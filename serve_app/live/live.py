"""The live stream of one replica: a feed, a log, and the seats of those who listen."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from random import Random

from actors.runtime.clock import Clock
from actors.runtime.tasks import spawn
from serve_app.live.bell import Bell
from serve_app.live.demand import Demand
from serve_app.live.digest import Digest, Interest
from serve_app.live.feed import Feed
from serve_app.live.log import Log
from serve_app.live.position import is_position
from serve_app.live.source import Source
from serve_app.refusals import DATABASE_UNAVAILABLE, STREAMS_FULL, ApiError

STREAMS_MAX = 2_000
"""Streams that one replica serves at once."""

FULL_RETRY_S = 5.0
"""When to try again where all seats are taken: streams end by themselves all the time."""

PATIENCE_S = 5.0
"""How long a stream waits for this replica to come up to the present, or to a position another replica gave out."""

LOOK_EVERY_S = 0.1

PIECE_MAX = 500
"""Changes that a stream is given at once: what a client does not take is kept for it, and may not be the whole log."""

DIGESTS_MAX = 16
"""Stretches of the log that are remembered; nearly all streams read the same ones."""


class Live:
    """What every stream of a replica shares."""

    def __init__(self, source: Source, clock: Clock, chance: Random, streams_max: int = STREAMS_MAX) -> None:
        """Listen to `source`; `chance` spreads what must not happen to all streams at once."""
        self.clock = clock
        self.chance = chance
        self.log = Log()
        self.bell = Bell()
        self.streams = 0
        """Streams that are open now."""

        self._streams_max = streams_max
        self._demand = Demand(Feed(source, self.log, self.bell), self.log, lambda: self.streams > 0)
        self._digest = lru_cache(DIGESTS_MAX)(self._new_digest)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep up with the source for as long as this is entered and somebody listens."""
        keeper = spawn(self._demand.serve(), set())
        try:
            yield
        finally:
            keeper.cancel()
            await asyncio.wait([keeper])

    async def admit(self) -> None:
        """See that another stream can be served.

        Raises:
            ApiError: all seats are taken, or this replica knows nothing of the present.
        """
        self._demand.ask()
        if not await self._comes_true(lambda: self.log.is_open):
            raise ApiError(DATABASE_UNAVAILABLE)
        # Last, for whoever waited beside this one may have been quicker.
        if self.streams >= self._streams_max:
            raise ApiError(STREAMS_FULL, retry_after_s=FULL_RETRY_S)

    @contextmanager
    def seat(self) -> Iterator[None]:
        """Count a stream in, and out again however it ends."""
        self.streams += 1
        try:
            yield
        finally:
            self.streams -= 1

    async def place_of(self, last_id: str) -> int | None:
        """The place in the log behind the event `last_id`; None if it is too old, or never was an id.

        Another replica may have been ahead of this one: its positions are waited for.
        """
        if not is_position(last_id) or not await self._comes_true(lambda: self.log.head >= last_id):
            return None
        return self.log.place_of(last_id)

    def news(self, place: int, interest: Interest) -> tuple[bytes, int]:
        """The next events from `place` on for a stream about `interest`, and the place behind them.

        None are left where that is the end of the log.

        Raises:
            Overtaken: some are no longer there.
        """
        piece = b""
        while not piece and place != self.log.end:
            # Where others' pieces end, too, whatever place they came from: they share the digest.
            end = min(self.log.end, (place // PIECE_MAX + 1) * PIECE_MAX)
            piece, place = self._digest(place, end).messages(interest), end
        return piece, place

    def _new_digest(self, place: int, end: int) -> Digest:
        return Digest(self.log.between(place, end))

    async def _comes_true(self, condition: Callable[[], bool]) -> bool:
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE_S
        while not condition():
            if loop.time() >= end:
                return False
            await self.bell.wait(min(loop.time() + LOOK_EVERY_S, end))
        return True
