"""A history of changes that is written by hand, and pages that read the stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId, Timestamp

from actors.contract import ORDERS, TICKETS
from serve_app.live.change import Change
from serve_app.live.position import Position, position_at
from serve_app.live.source import HistoryLost
from tests.simulation.loop import DAWN

BEGAN_S = 1_000
"""The second in which the history of a fake source begins."""


def at(seconds: int, count: int = 0) -> Position:
    """A position as MongoDB makes them: longer than its time alone."""
    return f"{position_at(Timestamp(BEGAN_S + seconds, count))}2B04"


def ticket(
    position: Position = "", key: ObjectId | None = None, version: int = 0, hold: ObjectId | None = None, **more: Any
) -> Change:
    document = {"_id": key or ObjectId(), "title": "Seat", "price": 1999, "userId": ObjectId(), "version": version}
    held = {"hold": {"orderId": hold}} if hold else {}
    return Change(position=position, service=TICKETS, document=document | held | {"sold": False} | more)


def order(position: Position = "", buyer: ObjectId | None = None, key: ObjectId | None = None) -> Change:
    sold = {"id": ObjectId(), "title": "Seat", "price": 1999, "userId": ObjectId(), "version": 1}
    document = {"_id": key or ObjectId(), "status": "created", "userId": buyer or ObjectId(), "version": 0}
    return Change(position=position, service=ORDERS, document=document | {"expiresAt": DAWN, "ticket": sold})


NOW = at(0)


@dataclass
class FakeSource:
    """Tells what was written into it; fails as scripted."""

    head: Position = NOW
    oldest: Position = ""
    written: list[Change] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    asked: list[Position] = field(default_factory=list)
    readers: int = 0

    def __post_init__(self) -> None:
        self._news = asyncio.Event()

    def write(self, *changes: Change) -> None:
        """Add changes that have positions."""
        self.written += changes
        self.head = changes[-1].position
        self._news.set()

    def fail(self, *failures: Exception) -> None:
        """Let the connection break: now, and as many more times as there are failures."""
        self.failures += failures
        self._news.set()

    async def present(self) -> Position:
        if self.failures:
            raise self.failures.pop(0)
        return self.head

    async def changes(self, after: Position) -> AsyncIterator[tuple[list[Change], Position]]:
        self.asked.append(after)
        if after < self.oldest:
            raise HistoryLost("too old")
        self.readers += 1
        try:
            while True:
                if self.failures:
                    raise self.failures.pop(0)
                for change in [each for each in self.written if each.position > after]:
                    after = change.position
                    yield [change], after
                yield [], self.head
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), 0.5)
                self._news.clear()
        finally:
            self.readers -= 1
