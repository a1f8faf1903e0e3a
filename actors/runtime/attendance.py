"""Work outside of turns: while an actor's state is due, its service's task works on it, and tells it the result."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from actors.runtime.behaviour import Task
from actors.runtime.clock import Clock
from actors.runtime.message import Key, Wake
from actors.runtime.partition import slot_of
from actors.runtime.placement import Hosted
from actors.runtime.slots import Slots
from actors.runtime.snapshot import Snapshot
from actors.runtime.tasks import spawn

FIRST_BACKOFF_S, BACKOFF_MAX_S = 0.2, 20.0
"""Until work that was in vain is tried again: twice as long each time, up to so long."""

FIRST_LOOK_S, LOOK_MAX_S = 2.0, 150.0
"""The same for work that can wait for others: thousands may do so, and who is asked about them serves so many questions
a second and no more."""

PACES = 64
"""They began together, perhaps, and are not to look together: of so many paces the slowest is half as fast as the
fastest."""

WORK_MAX_S = 120.0
"""After so long work counts as failed, and so does telling its actor: what hangs would keep its slot for ever."""

TRIES_MAX = 10
"""Tries after which the rest between them grows no more, whichever it is."""


async def wake(_: object) -> Wake:
    """The task of those who have none: the actor itself is told that its time has come, and that is all."""
    return Wake()


class Attendances:
    """The actors of one supervisor that are being worked for, one task each."""

    def __init__(self, housed: Callable[[Key], Awaitable[Hosted]], clock: Clock, task: Task, at_once_max: int) -> None:
        """Work with `task` on the actors that `housed` finds room for, on `at_once_max` of them at the same time."""
        self._housed = housed
        self._clock = clock
        self._task = task
        self._news: dict[Key, asyncio.Event] = {}
        self._worked_on: dict[Key, Snapshot] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._slots = Slots(at_once_max)
        self.troubles: dict[str, str] = {}
        """Keys whose work fails at present, and why."""

    def attend(self, key: Key) -> None:
        """See to `key`, unless that is being done already."""
        if not self.is_under_way(key):
            self._news[key] = asyncio.Event()
            spawn(self._attend(key), self._running)

    def is_under_way(self, key: Key) -> bool:
        """Whether `key` is being seen to."""
        return key in self._news

    def changed(self, actor: Hosted) -> None:
        """What waits to be tried again looks at a new state at once, but not at the old one read afresh."""
        news = self._news.get(actor.key)
        worked_on = self._worked_on.get(actor.key)
        if news and actor.snapshot and (worked_on is None or actor.snapshot.version != worked_on.version):
            news.set()

    def close(self) -> None:
        """Stop at once."""
        for task in self._running:
            task.cancel()

    async def _attend(self, key: Key) -> None:
        tries, moved_on = 0, None
        try:
            while await self._is_due(key, moved_on):
                self._news[key].clear()
                moved_on = await self._work(key)
                if moved_on:
                    self.troubles.pop(str(key), None)
                is_new = moved_on or await self._has_news(key, tries)
                tries = 0 if is_new else min(tries + 1, TRIES_MAX)
        finally:
            del self._news[key]
            self._worked_on.pop(key, None)
            self.troubles.pop(str(key), None)

    async def _is_due(self, key: Key, moved_on: bool | None) -> bool:
        """Whether there is work, after work that has `moved_on` the actor or not.

        What is remembered may be stale, for another copy may have been at work: so look at what is stored after
        every failure, and before believing that there is nothing to do, unless it was committed just now.
        """
        try:
            actor = await self._housed(key)
            if moved_on is False or not (moved_on or self._wants_work(actor)):
                await actor.refresh()
            return self._wants_work(actor)
        except Exception as error:  # noqa: BLE001  whatever the reason, the work is not done: look again
            self.troubles[str(key)] = repr(error)
            return True

    def _wants_work(self, actor: Hosted) -> bool:
        due = actor.due()
        return due is not None and due <= self._clock.now() + timedelta(milliseconds=1)

    async def _can_wait(self, key: Key) -> bool:
        """Whether nobody sits in front of the work on `key`."""
        snapshot = (await self._housed(key)).snapshot
        return snapshot is not None and bool(snapshot.state.can_wait)

    async def _work(self, key: Key) -> bool:
        """Do the work once and tell the actor; whether that has moved it on."""
        try:
            can_wait = await self._can_wait(key)
            async with self._slots.one(can_wait=can_wait, news=self._news[key]) as is_its_turn:
                # Only now: the state may have changed while it waited, and what was right then may be wrong.
                actor = await self._housed(key)
                snapshot = actor.snapshot
                if not is_its_turn or snapshot is None or not self._wants_work(actor):
                    return False
                self._worked_on[key] = snapshot
                async with asyncio.timeout(WORK_MAX_S):
                    result = await self._task(snapshot.state)
            if result is None:
                self.troubles.pop(str(key), None)
                return False
            actor = await self._housed(key)
            answer = actor.tell(f"task/{snapshot.version}/{type(result).__name__}", result)
            if isinstance(answer, asyncio.Future):
                async with asyncio.timeout(WORK_MAX_S):
                    await asyncio.shield(answer)  # others may have joined it
            after = actor.snapshot
        except Exception as error:  # noqa: BLE001  a task may fail in any way; it is tried again and shown in status
            self.troubles[str(key)] = str(error) or repr(error)
            return False
        return after is not None and after.version != snapshot.version

    async def _has_news(self, key: Key, tries: int) -> bool:
        """Wait for news of `key`, for as long as its work is to rest; whether there was any."""
        try:
            await asyncio.wait_for(self._news[key].wait(), self._rest_s(key, tries))
        except TimeoutError:
            return False
        return True

    def _rest_s(self, key: Key, tries: int) -> float:
        worked_on = self._worked_on.get(key)
        if str(key) in self.troubles or worked_on is None or not worked_on.state.can_wait:
            return min(FIRST_BACKOFF_S * 2.0**tries, BACKOFF_MAX_S)
        return min(FIRST_LOOK_S * 2.0**tries, LOOK_MAX_S) * (1 + slot_of(key) % PACES / PACES)
