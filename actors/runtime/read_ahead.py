"""Reading ahead: whoever asks for one actor soon asks for its neighbours.

The tickets of a sale were listed one after the other, so their keys follow each other, and when the sale begins they
are all wanted at once, none of them in memory. They are read together, beside the turns, and each begins its first turn
with what was read. That is no more than a memory of unknown age: fine to commit on, for a commit is conditional, and
compared with the store before anything is refused on it.

Buyers choose at random, so the neighbours on both sides are read, and twice as many each time that was of use: of a
thousand tickets twenty are loaded for themselves, and six reads bring all others.
"""

import asyncio

from actors.runtime.message import Key
from actors.runtime.snapshot import Snapshot
from actors.runtime.store import Store, Unknown
from actors.runtime.tasks import log, spawn

WINDOW, WINDOW_MAX = 64, 256
"""Neighbours on each side in one read, at first and at most. One costs the supervisor 15 µs where a read for itself
takes 450, so a read of the first size pays when five of them are asked for; the largest takes it 8 ms at once."""

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

        self._window = WINDOW
        """How far the next read reaches."""

        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, key: Key) -> Snapshot | None:
        """What was read of the actor `key`, once; where there is nothing, its neighbours may be next."""
        snapshot = self._kept.pop(key, None)
        if snapshot is None:
            self._missed(key)
        elif self._misses_enough > 1:  # the first of its read that is of use
            self._misses_enough, self._window = 1, min(2 * self._window, WINDOW_MAX)
        return snapshot

    def drop(self, key: Key) -> None:
        """The actor `key` has changed."""
        self._kept.pop(key, None)

    def _missed(self, key: Key) -> None:
        self._misses += 1
        if self._misses < self._misses_enough or self._tasks:
            return
        if self._misses_enough > 1:  # nothing of the last read was of use
            self._window = WINDOW
        self._misses, self._misses_enough = 0, min(2 * self._misses_enough, MISSES_MAX)
        spawn(self._read(key), self._tasks)

    async def _read(self, key: Key) -> None:
        """Where the store does not answer, every actor asks for itself."""
        try:
            found = await self._store.beside(key, self._window)
        except Unknown as error:
            log.warning("nothing was read ahead: %s", error)
            return
        # One that still owes deliveries is left to its own read: it may owe less by the time it is asked for.
        self._kept |= {each.key: each for each in found if not each.outbox}
        while len(self._kept) > KEPT_MAX:
            del self._kept[next(iter(self._kept))]
