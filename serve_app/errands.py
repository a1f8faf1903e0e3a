"""Work that must be finished although the client who wanted it may leave: it runs in tasks of its own."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from actors.runtime.tasks import own
from serve_app.refusals import ApiError

log = logging.getLogger("boxoffice.api")

T = TypeVar("T")


class Errands:
    """Owns the tasks that no request may cancel."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._tasks)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, which goes on if whoever waits here is cancelled.

        The empty context of `own` matters: Ray remembers in it which request a task serves, and cancels with it.
        """
        task = own(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_report)  # nobody else hears of it any more
            raise


def _report(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and isinstance(defect := task.exception(), Exception):
        level = logging.DEBUG if isinstance(defect, ApiError) else logging.WARNING
        log.log(level, "an errand ended with %r", defect)
