"""Keeping the memory of actors in demand trustworthy: their versions are compared with the stored ones, many at once.

Without it, each of a thousand wanted tickets would stop once a second to ask for itself.
"""

import asyncio
from datetime import timedelta

from actors.runtime.clock import Clock
from actors.runtime.memory import Memory
from actors.runtime.message import Key
from actors.runtime.store import Store, Unknown
from actors.runtime.tasks import log, spawn

WORN_AFTER = timedelta(milliseconds=100)
"""Age from which memory that is still asked for wants to be confirmed."""

EVERY_S = 0.7
"""How long others are waited for. Both together, and a read, stay below `MEMORY_TRUSTED_FOR`; the later memory is
confirmed, the likelier it is still trusted when a lease has run out."""


class Vouching:
    """Confirms memories; runs while somebody wants it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Compare with what `store` holds."""
        self._store = store
        self._clock = clock
        self._wanted: dict[Key, Memory] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def want(self, key: Key, memory: Memory) -> None:
        """Confirm `memory`, which is that of the actor `key`, with the next group."""
        if not self._wanted:
            asyncio.get_running_loop().call_later(EVERY_S, self._begin)
        self._wanted[key] = memory

    def _begin(self) -> None:
        spawn(self._confirm(), self._tasks)

    async def _confirm(self) -> None:
        """Where the store does not answer, memory wears out, and every actor asks for itself."""
        wanted, self._wanted = self._wanted, {}
        asked_at = self._clock.now()
        try:
            versions = await self._store.versions_of(list(wanted))
        except Unknown as error:
            log.warning("memory could not be compared with the store: %s", error)
            return
        for memory, version in zip(wanted.values(), versions, strict=True):
            memory.confirm(version, asked_at)
