"""Reading ahead: whoever asks for one actor soon asks for its neighbours.

The tickets of a sale were listed one after the other, so their keys follow each other, and when the sale begins they
are all wanted at once, none of them in memory. They are read together, beside the turns, and each begins its first turn
with what was read. That is no more than a memory of unknown age: fine to commit on, for a commit is conditional, and
compared with the store before anything is refused on it.
"""

import asyncio

from actors.runtime.message import Key
from actors.runtime.snapshot import Snapshot
from actors.runtime.store import Store, Unknown
from actors.runtime.tasks import log, spawn

WINDOW = 64
"""Neighbours in one read. Measured: 0.4 ms of mongod's time where one actor takes 0.25, and 1.2 ms of the supervisor's
where one takes 0.45; so it pays when three of them are asked for."""

KEPT_MAX = 2_000
"""Snapshots that may wait to be asked for, about 1 KB each; the oldest leave first."""

MISSES_MAX = 64
"""While nothing that is read ahead is of use, only one in so many misses reads ahead."""


class ReadAhead:
    """Snapshots of actors that nobody has asked for yet."""

    def __init__(self, store: Store) -> None:
        """Read from `store`."""
        self._store = store
        self._kept: dict[Key, Snapshot] = {}
        self._misses = 0
        """How many asked in vain since the last read."""

        self._misses_enough = 1
        """How many of them the next read takes."""

        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, key: Key) -> Snapshot | None:
        """What was read of the actor `key`, once; where there is nothing, its neighbours may be next."""
        snapshot = self._kept.pop(key, None)
        if snapshot is None:
            self._missed(key)
        else:
            self._misses_enough = 1
        return snapshot

    def drop(self, key: Key) -> None:
        """The actor `key` has changed."""
        self._kept.pop(key, None)

    def _missed(self, key: Key) -> None:
        self._misses += 1
        if self._misses >= self._misses_enough and not self._tasks:
            self._misses, self._misses_enough = 0, min(2 * self._misses_enough, MISSES_MAX)
            spawn(self._read(key), self._tasks)

    async def _read(self, key: Key) -> None:
        """Where the store does not answer, every actor asks for itself."""
        try:
            found = await self._store.beyond(key, WINDOW)
        except Unknown as error:
            log.warning("nothing was read ahead: %s", error)
            return
        # One that still owes deliveries is left to its own read: it may owe less by the time it is asked for.
        self._kept |= {each.key: each for each in found if not each.outbox}
        while len(self._kept) > KEPT_MAX:
            del self._kept[next(iter(self._kept))]
