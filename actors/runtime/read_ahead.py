"""Reading ahead: whoever asks for one actor soon asks for its neighbours.

The tickets of a sale were listed one after the other, so their keys follow each other, and when the sale begins they
are all wanted at once, none of them in memory. They are read together, beside the turns, and each begins its first turn
with what was read. That is no more than a memory of unknown age: fine to commit on, for a commit is conditional, and
compared with the store before anything is refused on it.

Some buyers choose at random, so the neighbours on both sides are read; others take the next one, so who is half-way to
an edge of what was read lets the read beyond it begin, and nobody waits there. A read that paid lets the next go at
once and reach twice as far. One that did not lets twice as many misses pass before the next, which reaches a quarter as
far: where many thousands are wanted in no order, reading ahead is soon no more than a glance now and then.
"""

import asyncio
from typing import NamedTuple

from actors.runtime.message import Key
from actors.runtime.snapshot import Snapshot
from actors.runtime.store import Store, Unknown
from actors.runtime.tasks import log, spawn

WINDOW_MIN, WINDOW, WINDOW_MAX = 8, 64, 128
"""Neighbours on one side in one read, at least, at first and at most: both sides of the largest take the supervisor
3 ms at once, during which nobody else is served."""

PAYS_AT = 4
"""A read pays when one in so many neighbours is asked for: in a crowd, which shares its queries, to read one by itself
takes some three times as long."""

KEPT_MAX = 2_000
"""Snapshots that may wait to be asked for, about 1 KB each; the oldest leave first."""

MISSES_MAX = 256
"""While nothing pays, only one in so many misses reads ahead."""


class Edge(NamedTuple):
    """The last of those that were read on one side."""

    key: Key
    is_upper: bool


class ReadAhead:
    """Snapshots of actors that nobody has asked for yet."""

    def __init__(self, store: Store) -> None:
        """Read from `store`."""
        self._store = store
        self._kept: dict[Key, tuple[Snapshot, int]] = {}
        """What was read, and by which read: they are counted from 1."""

        self._edges: dict[Key, Edge] = {}
        """Those half-way to an edge of what the last read brought, behind which there may be more."""

        self._reads = 0
        self._reach = WINDOW // 2
        """How far the last read reached; the first may reach twice as far."""

        self._hits = self._hits_enough = 0
        """How many asked for what the last read brought, and how many make it pay."""

        self._misses, self._misses_enough = 0, 1
        """How many asked in vain since then, and how many of them the next read takes if it has not."""

        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, key: Key) -> Snapshot | None:
        """What was read of the actor `key`, once; where there is nothing, its neighbours may be next."""
        snapshot, read = self._kept.pop(key, (None, 0))
        if snapshot is None:
            self._missed(key)
        elif read == self._reads:
            self._hit(key)
        return snapshot

    def drop(self, key: Key) -> None:
        """The actor `key` has changed."""
        self._kept.pop(key, None)

    @property
    def _has_paid(self) -> bool:
        return self._hits >= self._hits_enough

    @property
    def _next_reach(self) -> int:
        return min(2 * self._reach, WINDOW_MAX) if self._has_paid else max(self._reach // 4, WINDOW_MIN)

    def _missed(self, key: Key) -> None:
        self._misses += 1
        if not self._tasks and (self._has_paid or self._misses >= self._misses_enough):
            reach = self._next_reach
            self._begin(key, reach, reach)

    def _hit(self, key: Key) -> None:
        self._hits += 1
        edge = self._edges.get(key)
        if edge is not None and not self._tasks and self._has_paid:
            below, above = (0, self._next_reach) if edge.is_upper else (self._next_reach, 0)
            self._begin(edge.key, below, above)

    def _begin(self, key: Key, below: int, above: int) -> None:
        self._misses_enough = 2 if self._has_paid else min(2 * self._misses_enough, MISSES_MAX)
        self._misses = self._hits = 0
        self._hits_enough = (below + above) // PAYS_AT
        self._reach = max(below, above)
        self._reads += 1
        spawn(self._read(key, below, above), self._tasks)

    async def _read(self, key: Key, below: int, above: int) -> None:
        """Where the store does not answer, every actor asks for itself."""
        try:
            found = await self._store.beside(key, below, above)
        except Unknown as error:
            log.warning("nothing was read ahead: %s", error)
            return
        # One that still owes deliveries is left to its own read: it may owe less by the time it is asked for.
        self._kept |= {each.key: (each, self._reads) for each in found if not each.outbox}
        while len(self._kept) > KEPT_MAX:
            del self._kept[next(iter(self._kept))]
        keys = sorted(each.key for each in found)
        lower, upper = [each for each in keys if each < key], [each for each in keys if each > key]
        self._edges = {}
        if lower and len(lower) == below:
            self._edges[lower[below // 2]] = Edge(lower[0], is_upper=False)
        if upper and len(upper) == above:
            self._edges[upper[above // 2]] = Edge(upper[-1], is_upper=True)
