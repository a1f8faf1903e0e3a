"""Keeps the log at the present: the one reader of MongoDB's changes in this replica, however many pages are open."""

import asyncio
import logging

from pymongo.errors import PyMongoError

from actors.runtime.tasks import spawn
from serve_app.live.bell import Bell
from serve_app.live.log import Log
from serve_app.live.position import earlier
from serve_app.live.source import HistoryLost, Source

BACK_S = 30
"""How far back it begins, so that positions another replica gave out are in the log: they are a heartbeat old at most,
and the time a page takes to come back."""

PAUSE_MIN_S, PAUSE_MAX_S = 0.1, 5.0
"""Between attempts while MongoDB does not answer."""

STOP_TRIES, STOP_TRY_S = 10, 0.2
"""How often the task is told to end, and how long each time it may take."""

log = logging.getLogger("boxoffice.live")


class Feed:
    """A task that follows the history, from one moment on."""

    def __init__(self, source: Source, changes: Log, bell: Bell) -> None:
        """Put what `source` tells into `changes`, and ring."""
        self._source = source
        self._log = changes
        self._bell = bell
        self._back_s: int | None = BACK_S
        self._pause_s = PAUSE_MIN_S
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin, a little before the present."""
        assert not self._tasks, "a feed has one task at a time"
        self._back_s = BACK_S
        spawn(self._run(), self._tasks)

    async def stop(self) -> None:
        """End, and wait until the change stream is closed.

        Now and then pymongo takes a cancellation for a lost connection and goes on: then it is told again.
        """
        for task in tuple(self._tasks):
            for _ in range(STOP_TRIES):
                task.cancel()
                if (await asyncio.wait([task], timeout=STOP_TRY_S))[0]:
                    break

    async def _run(self) -> None:
        while True:
            await self._try()
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(2 * self._pause_s, PAUSE_MAX_S)

    async def _try(self) -> None:
        """Follow until something goes wrong; then decide whether to go on from the head or anew from the present."""
        try:
            if self._back_s is not None:
                await self._begin(self._back_s)
            await self._follow()
        except HistoryLost as lost:
            log.warning("changes are missing, every page will load its data again: %s", lost)
            self._back_s = 0
        except PyMongoError as error:
            log.warning("no changes while MongoDB does not answer: %s", error)
        except Exception:
            log.exception("the feed failed, every page will load its data again")
            self._back_s = 0

    async def _begin(self, back_s: int) -> None:
        present = await self._source.present()
        self._log.begin(earlier(present, back_s) if back_s else present, present)
        self._back_s = None
        self._bell.ring()

    async def _follow(self) -> None:
        async for changes, head in self._source.changes(self._log.head):
            self._pause_s = PAUSE_MIN_S
            self._log.extend(changes, head)
            if changes:
                self._bell.ring()
