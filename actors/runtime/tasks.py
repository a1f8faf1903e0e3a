"""Tasks that belong to whoever runs them, never to whoever asked."""

import asyncio
import contextvars
import logging
from collections.abc import Coroutine
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")

log = logging.getLogger("boxoffice")


def own(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Run `work` in a task with an empty context.

    Ray remembers in the context which call a task serves, and cancels the calls made in it when that call is
    cancelled. Work that is shared must not die with one impatient caller.
    """
    return asyncio.get_running_loop().create_task(work, context=contextvars.Context())


def spawn(work: Coroutine[Any, Any, None], owned: set[asyncio.Task[None]]) -> asyncio.Task[None]:
    """Run `work` in a task that belongs to `owned` alone; a defect in it is logged."""
    task = own(work)
    owned.add(task)
    task.add_done_callback(partial(_ended, owned))
    return task


def _ended(owned: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
    owned.discard(task)
    if not task.cancelled() and (defect := task.exception()) is not None:
        log.error("a background task failed: %r", defect, exc_info=defect)
