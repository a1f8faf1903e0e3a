"""Looking after what nobody serves: outboxes and deadlines that a crash or another copy has left."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from actors.runtime.clock import Clock
from actors.runtime.message import Key
from actors.runtime.placement import NoRoom
from actors.runtime.store import Store, Unknown
from actors.runtime.tasks import log

Reconcile = Callable[[Key, int], Awaitable[None]]
"""Sees to the outbox that is stored for an actor at a version."""

OWED_MAX = 2_000
DUE_MAX = 50_000
"""How many snapshots one look takes; the rest has its turn at the next."""

PATIENCE = timedelta(seconds=2)
"""An outbox younger than this is being served by whoever wrote it."""

HORIZON = timedelta(seconds=30)
"""How far ahead deadlines are taken into the agenda; must be well over the time between looks."""


class Watch:
    """Scans one partition: everything at start, and every few seconds what has been waiting."""

    def __init__(
        self,
        store: Store,
        slots: range,
        clock: Clock,
        reconcile: Reconcile,
        appoint: Callable[[Key, datetime], None],
    ) -> None:
        """Hand outboxes to `reconcile` and deadlines to `appoint`."""
        self._store = store
        self._slots = slots
        self._clock = clock
        self._reconcile = reconcile
        self._appoint = appoint
        self.has_recovered = False
        """Whether the first look is over."""

    async def run(self, every_s: float) -> None:
        """Look for ever; a store that does not answer is asked again."""
        patience = timedelta(0)
        while True:
            try:
                await self.look(patience)
                self.has_recovered = True
                patience = PATIENCE
            except Unknown as error:
                log.warning("cannot look for unserved work: %s", error)
            await asyncio.sleep(every_s if self.has_recovered else 0.2)

    async def look(self, patience: timedelta) -> None:
        """One look.

        Raises:
            Unknown: the store does not answer.
        """
        now = self._clock.now()
        for due in await self._store.due(self._slots, now + HORIZON, DUE_MAX):
            self._appoint(due.key, due.at)
        for owed in await self._store.owed(self._slots, now - patience, OWED_MAX):
            try:
                await self._reconcile(owed.key, owed.version)
            except NoRoom:
                continue  # it has its turn when there is room
