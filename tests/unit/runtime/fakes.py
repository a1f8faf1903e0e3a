"""Parts that do as they are told, and time that only moves when everybody waits."""

import asyncio
import functools
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any

from actors.runtime.clock import steady_s
from actors.runtime.envelope import ACKNOWLEDGED, Envelope
from actors.runtime.lease import Lessor
from actors.runtime.memory import Memory
from actors.runtime.memory_store import MemoryStore
from actors.runtime.message import Key, Message, Reply
from actors.runtime.placement import Hosted
from actors.runtime.snapshot import Snapshot
from actors.runtime.store import Due, Owed, Unknown
from actors.runtime.vouching import Vouching
from tests.simulation.loop import DAWN, VirtualClock, VirtualLoop

from .toy import HERE, KEY, Jar, jars

VERSION = 3
"""Of the jar that is remembered."""

__all__ = ["DAWN", "VirtualClock"]


def virtually(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an async test in virtual time: sleeping costs nothing and is exact."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        loop = VirtualLoop()
        try:
            loop.run_until_complete(test(*args, **kwargs))
        finally:
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            if left:
                loop.run_until_complete(asyncio.wait(left, timeout=1))
            loop.close()

    return run


def clock() -> VirtualClock:
    return VirtualClock(asyncio.get_running_loop())  # type: ignore[arg-type]


def now_s() -> float:
    return round(asyncio.get_running_loop().time(), 3)


def envelope(message: Message, op: str = "op") -> Envelope:
    return Envelope(HERE, op, message)


class FakeStore(MemoryStore):
    """A store that fails as scripted: the next call of a kind does what comes next in its script.

    `"before"` fails without an effect, `"after"` fails with it, a number delays by so many seconds, an exception is a
    defect that nobody foresaw, and a function is called first: another copy may write in it.
    """

    def __init__(self) -> None:
        super().__init__(jars())
        self.script: dict[str, deque[Any]] = {}
        self.calls: list[str] = []

    def will(self, kind: str, *outcomes: Any) -> None:
        self.script.setdefault(kind, deque()).extend(outcomes)

    async def _play(self, kind: str, effect: Callable[[], Awaitable[Any]]) -> Any:
        self.calls.append(kind)
        outcomes = self.script.get(kind)
        outcome = outcomes.popleft() if outcomes else None
        if callable(outcome):
            await outcome()
        elif isinstance(outcome, int | float):
            await asyncio.sleep(outcome)
        elif isinstance(outcome, Exception):
            raise outcome
        elif outcome == "before":
            raise Unknown("scripted: before")
        result = await effect()
        if outcome == "after":
            raise Unknown("scripted: after")
        return result

    async def load(self, key: Key) -> Snapshot | None:
        return await self._play("load", lambda: MemoryStore.load(self, key))

    async def beside(self, key: Key, below: int, above: int) -> list[Snapshot]:
        return await self._play("beside", lambda: MemoryStore.beside(self, key, below, above))

    async def versions_of(self, keys: Sequence[Key]) -> list[int]:
        return await self._play("look", lambda: MemoryStore.versions_of(self, keys))

    async def commit(self, snapshot: Snapshot, due: datetime | None) -> None:
        await self._play("commit", lambda: MemoryStore.commit(self, snapshot, due))

    async def remove(self, key: Key, version: int) -> None:
        await self._play("remove", lambda: MemoryStore.remove(self, key, version))

    async def clear(self, entries: Mapping[Key, AbstractSet[str]]) -> None:
        await self._play("clear", lambda: MemoryStore.clear(self, entries))

    async def owed(self, slots: range, before: datetime, limit: int, skip: int = 0) -> list[Owed]:
        return await self._play("owed", lambda: MemoryStore.owed(self, slots, before, limit, skip))

    async def due(self, slots: range, until: datetime, limit: int) -> list[Due]:
        return await self._play("due", lambda: MemoryStore.due(self, slots, until, limit))

    def outbox(self, key: Key) -> list[str]:
        return [entry["id"] for entry in self.documents[key].get("outbox", ())]


class FakeTransport:
    """Answers as scripted, or raises it, in the end with `Acknowledged`; remembers what was sent and when."""

    def __init__(self, *replies: Reply | Exception, takes_s: float = 0.0) -> None:
        self.replies = deque(replies)
        self.takes_s = takes_s
        self.sent: list[tuple[float, str]] = []

    async def send(self, envelope: Envelope) -> Reply:
        self.sent.append((now_s(), f"{envelope.op} to {envelope.to}"))
        if self.takes_s:
            await asyncio.sleep(self.takes_s)
        reply = self.replies.popleft() if self.replies else ACKNOWLEDGED
        if isinstance(reply, Exception):
            raise reply
        return reply


def at_home(actor: Callable[[Key], Hosted]) -> Callable[[Key], Awaitable[Hosted]]:
    """Where there is always room."""

    async def housed(key: Key) -> Hosted:
        return actor(key)

    return housed


def lessor_of() -> Lessor:
    """One that nobody holds a lease of."""
    return Lessor(Vouching(FakeStore()))


def fresh() -> Memory:
    """What was compared with the store just now."""
    return Memory(Snapshot(KEY, Jar(id=KEY, version=VERSION)), steady_s())


class SetClock:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return clock().now() + self.ahead
