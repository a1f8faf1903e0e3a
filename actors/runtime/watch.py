"""Looking after what nobody serves: outboxes and deadlines that a crash or another copy has left."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from actors.runtime.clock import Clock
from actors.runtime.message import Key
from actors.runtime.placement import NoRoom
from actors.runtime.store import Owed, Store, Unknown
from actors.runtime.tasks import log

Reconcile = Callable[[Key, int], Awaitable[None]]
"""Sees to the outbox that is stored for an actor at a version."""

OWED_MAX = DUE_MAX = 50_000
"""How many snapshots one look takes, the longest waiting first."""

PAGE, TOGETHER = 2_000, 100
"""How many outboxes are asked for at once, and how many are seen to together: then they are read together."""

PATIENCE = timedelta(seconds=2)
"""An outbox younger than this is being served by whoever wrote it."""

END_OF_TIME = datetime.max.replace(microsecond=999_000, tzinfo=UTC)
"""Later than any clock that may have been ahead when an outbox was written."""

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

        self.troubles: dict[str, str] = {}
        """What the last look could not see to, and why."""

    async def run(self, every_s: float) -> None:
        """Look for ever: whoever fails here is the last who would have noticed."""
        patience = None
        while True:
            try:
                await self.look(patience)
                self.has_recovered = True
                patience = PATIENCE
            except Exception as error:  # noqa: BLE001  whatever the store or what it holds is capable of
                self.troubles = {"unserved work": f"nobody can look for it: {error!r}"}
                log.warning("cannot look for unserved work: %r", error)
            await asyncio.sleep(every_s if self.has_recovered else 0.2)

    async def look(self, patience: timedelta | None) -> None:
        """One look at what is older than `patience`, or at all, whatever clock it was written by.

        An actor that nobody can see to, such as one that a newer version stored, costs no other its turn.

        Raises:
            Unknown: the store does not answer.
        """
        now = self._clock.now()
        before = END_OF_TIME if patience is None else now - patience
        for due in await self._store.due(self._slots, now + HORIZON, DUE_MAX):
            self._appoint(due.key, due.at)
        troubles: dict[str, str] = {}
        for skip in range(0, OWED_MAX, PAGE):
            page = await self._store.owed(self._slots, before, PAGE, skip)
            for n in range(0, len(page), TOGETHER):
                await asyncio.gather(*(self._see_to(owed, troubles) for owed in page[n : n + TOGETHER]))
            if len(page) < PAGE:
                break  # what slipped by while others left the list is found at the next look
        self.troubles = troubles
        if troubles:
            log.warning("nobody can see to %d outboxes, %s: %s", len(troubles), *next(iter(troubles.items())))

    async def _see_to(self, owed: Owed, troubles: dict[str, str]) -> None:
        try:
            await self._reconcile(owed.key, owed.version)
        except NoRoom:
            return  # it has its turn when there is room
        except Unknown:
            raise
        except Exception as error:  # noqa: BLE001  see above
            troubles[str(owed.key)] = repr(error)
