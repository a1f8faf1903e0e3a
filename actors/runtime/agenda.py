"""What is to be done when: the timers of one supervisor."""

import asyncio
import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

from actors.runtime.clock import Clock
from actors.runtime.message import Key

LOOK_EVERY_S = 3.0
"""How often it looks at the clock at least, for that may be set: the event loop's own time does not jump with it."""

STALE_MAX = 1_000
"""How many entries of moved and dropped appointments may lie about, beside as many as there are appointments."""


class Agenda:
    """At most one appointment per key. Calls `ring(key)` once its time has come."""

    def __init__(self, clock: Clock, ring: Callable[[Key], None]) -> None:
        """Ring by `clock`."""
        self._clock = clock
        self._ring = ring
        self._at: dict[Key, datetime] = {}
        self._heap: list[tuple[datetime, int, Key]] = []
        self._tie = count()
        self._alarm: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """How many appointments there are."""
        return len(self._at)

    def put(self, key: Key, at: datetime) -> None:
        """Set or move the appointment of `key`."""
        if self._at.get(key) == at:
            return
        self._at[key] = at
        heapq.heappush(self._heap, (at, next(self._tie), key))
        self._tidy()
        if self._heap[0][2] == key:
            self._set_alarm()

    def drop(self, key: Key) -> None:
        """Forget the appointment of `key`, if there is one."""
        self._at.pop(key, None)
        self._tidy()

    def close(self) -> None:
        """Ring no more."""
        self._at.clear()
        self._heap.clear()
        self._set_alarm()

    def _tidy(self) -> None:
        """Dropped appointments are most of all: whoever has paid leaves one, until the deadline of hours later."""
        if len(self._heap) > 2 * len(self._at) + STALE_MAX:
            self._heap = [(at, next(self._tie), key) for key, at in self._at.items()]
            heapq.heapify(self._heap)

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._heap:
            wait_s = (self._heap[0][0] - self._clock.now()).total_seconds()
            self._alarm = asyncio.get_running_loop().call_later(min(max(wait_s, 0), LOOK_EVERY_S), self._look)

    def _look(self) -> None:
        """Ring for everything whose time has come; a moved or dropped appointment left a stale heap entry."""
        now = self._clock.now()
        while self._heap and self._heap[0][0] <= now:
            at, _, key = heapq.heappop(self._heap)
            if self._at.get(key) == at:
                del self._at[key]
                self._ring(key)
        self._set_alarm()
