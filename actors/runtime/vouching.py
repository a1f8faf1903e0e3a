"""Keeping the memory of actors in demand trustworthy: their versions are compared with the stored ones, many at once.

Without it, each of a thousand wanted tickets would stop to ask for itself whenever nobody had asked for a second: the
slower the crowd, the dearer each refusal, and the slower the crowd.
"""

import asyncio

from actors.runtime.clock import steady_s
from actors.runtime.memory import Memory
from actors.runtime.message import Key
from actors.runtime.store import Store, Unknown
from actors.runtime.tasks import log, spawn

EVERY_S = 0.7
"""How far rounds are apart. With the time of a read it stays below `MEMORY_TRUSTED_S`; the later memory is confirmed,
the likelier it is still trusted when a lease has run out."""

WANTED_S = 5.0
"""How long an actor is in demand after it was asked for."""

WANTED_MAX = 5_000
"""Actors that one supervisor vouches for; the others ask for themselves."""


class Vouching:
    """Confirms memories; runs while there is demand."""

    def __init__(self, store: Store) -> None:
        """Compare with what `store` holds."""
        self._store = store
        self._wanted: dict[Key, tuple[float, Memory]] = {}
        """What is in demand, with when it was last asked for."""

        self._tasks: set[asyncio.Task[None]] = set()

    def want(self, key: Key, memory: Memory, now_s: float) -> None:
        """Keep `memory`, which is that of the actor `key`, trusted for a while from `now_s` on."""
        if not self._wanted:
            self._look_later()
        if key in self._wanted or len(self._wanted) < WANTED_MAX:
            self._wanted[key] = now_s, memory

    def _look_later(self) -> None:
        asyncio.get_running_loop().call_later(EVERY_S, self._begin)

    def _begin(self) -> None:
        """One round, unless the one before still waits for its answer."""
        since_s = steady_s() - WANTED_S
        self._wanted = {key: (at_s, memory) for key, (at_s, memory) in self._wanted.items() if at_s > since_s}
        if not self._wanted:
            return
        self._look_later()
        if not self._tasks:
            spawn(self._confirm({key: memory for key, (_, memory) in self._wanted.items()}), self._tasks)

    async def _confirm(self, memories: dict[Key, Memory]) -> None:
        """Where the store does not answer, memory wears out, and every actor asks for itself."""
        asked_s = steady_s()
        try:
            versions = await self._store.versions_of(list(memories))
        except Unknown as error:
            log.warning("memory could not be compared with the store: %s", error)
            return
        for memory, version in zip(memories.values(), versions, strict=True):
            memory.confirm(version, asked_s)
