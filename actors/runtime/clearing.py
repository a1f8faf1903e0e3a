"""Taking what is acknowledged out of stored outboxes: a moment later, and many at once.

For one outbox it costs as much as for twenty, and nobody waits for it: until then a crash only repeats deliveries.
"""

import asyncio
from collections.abc import Set as AbstractSet
from typing import Protocol

from actors.runtime.message import Key
from actors.runtime.store import Store
from actors.runtime.tasks import log, spawn

EVERY_S = 0.2
AGAIN_S = 1.0
"""How long they wait after the store did not answer."""

GROUP_MAX = 500
"""Outboxes in one group; a whole one waits for no more company."""


class Clearable(Protocol):
    """An actor whose stored outbox may hold what everybody has acknowledged."""

    @property
    def key(self) -> Key: ...  # noqa: D102

    @property
    def acknowledged(self) -> frozenset[str]:
        """The entries that can be taken out now; none where a turn is about to take them along."""
        ...

    def cleared(self, entries: AbstractSet[str]) -> None:
        """They are taken out."""
        ...


class Clearing:
    """Takes them out; runs while there are any."""

    def __init__(self, store: Store) -> None:
        """Out of the outboxes in `store`."""
        self._store = store
        self._wanted: dict[Key, Clearable] = {}
        self._is_running = False
        """Whether somebody will look at them again: a task that is done is still in `_tasks` for a moment."""

        self._tasks: set[asyncio.Task[None]] = set()

    def want(self, actor: Clearable) -> None:
        """Take out what `actor` has acknowledged, in a moment and again until that is done; it is told then."""
        self._wanted[actor.key] = actor
        if not self._is_running:
            self._is_running = True
            spawn(self._run(), self._tasks)

    async def _run(self) -> None:
        try:
            while self._wanted:
                if len(self._wanted) < GROUP_MAX:
                    await asyncio.sleep(EVERY_S)
                group = [self._wanted.pop(key) for key in list(self._wanted)[:GROUP_MAX]]
                if ready := {actor: actor.acknowledged for actor in group if actor.acknowledged}:
                    await self._clear(ready)
        finally:
            self._is_running = False

    async def _clear(self, group: dict[Clearable, frozenset[str]]) -> None:
        try:
            await self._store.clear({actor.key: entries for actor, entries in group.items()})
        except Exception as error:  # noqa: BLE001  whatever the store is capable of: nobody else takes them out
            log.warning("%d outboxes cannot be cleared: %r", len(group), error)
            await asyncio.sleep(AGAIN_S)
            for actor in group:
                self.want(actor)
        else:
            for actor, entries in group.items():
                actor.cleared(entries)
