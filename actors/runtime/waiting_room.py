"""Where messages wait whose actors find no room: one after the other, and only while somebody waits for the answer.

What other actors publish may have the spare place. An actor keeps its room until all that it publishes is delivered: a
ticket waits for room for its order, and orders wait for room for their tickets. Without a spare place none of them
would ever have any, once all places of both services are taken by those who wait.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from actors.runtime.envelope import UNANSWERED, Answer, Envelope
from actors.runtime.message import Key, Overloaded, Reply
from actors.runtime.placement import Hosted, NoRoom
from actors.runtime.tasks import own

WAITING_MAX = 20_000
"""How many operations may wait, those included whose askers have gone: each leaves only when its turn comes."""


class Activate(Protocol):
    """Finds an actor, and a place for it where it has none."""

    def __call__(self, key: Key, *, is_spare: bool = False) -> Hosted:
        """The actor `key`.

        Raises:
            NoRoom: all places are taken; the spare one, too, if it may be that.
        """
        ...


class WaitingRoom:
    """Has room made for one actor at a time: a crowd at the door of one wants one place, and not one each."""

    def __init__(self, activate: Activate, make_room: Callable[[], Awaitable[None]]) -> None:
        """`activate` raises `NoRoom` where there is none; `make_room` lets one idle actor go, if any is."""
        self._activate = activate
        self._make_room = make_room
        self._one_by_one = asyncio.Lock()
        self._waiting: dict[str, asyncio.Task[Reply]] = {}
        """The operations that wait here, or for an actor that got its room."""

        self._wanted: set[str] = set()
        """Those of them whose answers somebody waits for."""

    def __len__(self) -> int:
        """How many operations wait."""
        return len(self._waiting)

    def enter(self, envelope: Envelope) -> Answer:
        """The answer, once there was room; the same operation waits once, however often it comes."""
        op = envelope.op
        if op not in self._waiting and len(self._waiting) >= WAITING_MAX:
            return Overloaded(reason=f"{WAITING_MAX} messages wait for room already")
        self._wanted.add(op)
        if op not in self._waiting:
            task = self._waiting[op] = own(self._wait(envelope))
            task.add_done_callback(lambda _: self._leave(op))
        return self._waiting[op]

    def close(self) -> None:
        """Nobody waits any more."""
        for task in self._waiting.values():
            task.cancel()

    def let_go(self, op: str) -> None:
        """Whoever asked has gone: when its turn comes, nothing is begun."""
        self._wanted.discard(op)

    async def housed(self, key: Key) -> Hosted:
        """The actor `key`; where there is no room for it, the one that was idle for longest makes some.

        Raises:
            NoRoom: nobody is idle.
        """
        try:
            return self._activate(key)
        except NoRoom:
            async with self._one_by_one:
                return await self._house(key)

    async def _house(self, key: Key, *, is_spare: bool = False) -> Hosted:
        try:
            return self._activate(key)
        except NoRoom:
            await self._make_room()
            return self._activate(key, is_spare=is_spare)

    async def _wait(self, envelope: Envelope) -> Reply:
        async with self._one_by_one:
            if envelope.op not in self._wanted:
                return UNANSWERED  # and nobody has to leave for it
            try:
                actor = await self._house(envelope.to.key, is_spare=bool(envelope.message.addressees()))
            except NoRoom as full:
                return Overloaded(reason=str(full))
        if envelope.op not in self._wanted:
            return UNANSWERED
        answer = actor.submit(envelope)
        return await answer if isinstance(answer, asyncio.Future) else answer

    def _leave(self, op: str) -> None:
        del self._waiting[op]
        self._wanted.discard(op)
