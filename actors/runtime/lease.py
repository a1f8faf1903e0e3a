"""Leases: refusals with the promise that they stay right, so that whoever heard one can refuse the next himself.

In a flash sale nearly everybody is refused, by tickets that do not change for minutes: asking again and again would
cost more than all the rest. The promise is kept: before an actor changes, its lease is taken back from all who hold
it, or has run out. Source: Gray and Cheriton, "Leases: An Efficient Fault-Tolerant Mechanism for Distributed File
Cache Consistency", 1989.
"""

import asyncio
from collections.abc import Iterable
from itertools import takewhile
from typing import Protocol

from actors.runtime.clock import steady_s
from actors.runtime.memory import Memory
from actors.runtime.message import Key, Leased, Message, Refused
from actors.runtime.vouching import Vouching

LEASE_FOR_S = 1.0
"""How long a lease lasts. A copy of an actor that does not know that it is none any more refuses for so much longer
than its memory is trusted."""

NOTHING = Memory()
"""What rests on nothing."""


class Holder(Protocol):
    """Somebody who was given leases."""

    @property
    def is_eager(self) -> bool:
        """Whether it refuses so many that a lease which it has not asked for is likely to save it a question."""
        ...

    def give(self, key: Key, kind: type[Message], leased: Leased) -> None:
        """Let it have a lease that it has not asked for."""
        ...

    def take_back(self, key: Key) -> asyncio.Future[None]:
        """Done once it acts on its lease of `key` no more; never, where it cannot be reached: the lease runs out."""
        ...


class Lessor:
    """Gives leases on the actors of one supervisor, and ends them."""

    def __init__(self, vouching: Vouching) -> None:
        """No lease is out; `vouching` keeps the memory trustworthy that leases rest on."""
        self.vouching = vouching
        self._out: dict[Key, tuple[float, Memory]] = {}
        """Until when leases are out, the oldest first, and what they rest on."""

        self._is_forgetting = False
        """Whether those that have run out will be looked for."""

        self.holders: set[Holder] = set()
        """Everyone who may hold a lease."""

    def grant(self, key: Key, refusal: Refused, memory: Memory) -> Leased:
        """`refusal`, which rests on `memory`, with a lease."""
        self._lease(key, memory, steady_s())
        assert memory.snapshot is not None, "it decided"
        return Leased(refusal=refusal, version=memory.snapshot.version, for_s=LEASE_FOR_S)

    def share(self, key: Key, kind: type[Message], refusal: Refused, memory: Memory) -> None:
        """Lease `refusal` of messages of this kind to all who are eager, before they ask."""
        eager = [holder for holder in self.holders if holder.is_eager]
        if eager:
            leased = self.grant(key, refusal, memory)
            for holder in eager:
                holder.give(key, kind, leased)

    def is_out(self, key: Key, version: int) -> bool:
        """Whether a lease on `key` at `version`, granted a moment ago, has not ended meanwhile."""
        until_s, memory = self._out.get(key, (0.0, NOTHING))
        return steady_s() < until_s and memory.snapshot is not None and memory.snapshot.version == version

    def renew(self, leases: Iterable[tuple[Key, int]]) -> list[Key]:
        """Let leases, each on an actor at a version, begin anew where they are out still and memory is trusted."""
        now_s = steady_s()
        renewed = []
        for key, version in leases:
            if self.is_out(key, version) and (memory := self._out[key][1]).is_trusted(now_s):
                self._lease(key, memory, now_s)
                renewed.append(key)
        return renewed

    def _lease(self, key: Key, memory: Memory, now_s: float) -> None:
        if not self._is_forgetting:
            self._forget_later()
        self._out.pop(key, None)
        self._out[key] = now_s + LEASE_FOR_S, memory
        self.vouching.want(key, memory, now_s)  # so that it is trusted when the lease has run out

    def _forget_later(self) -> None:
        self._is_forgetting = True
        asyncio.get_running_loop().call_later(LEASE_FOR_S, self._forget)

    def _forget(self) -> None:
        """Those that have run out pin no memory."""
        now_s = steady_s()
        for key, _ in list(takewhile(lambda lease: lease[1][0] <= now_s, self._out.items())):
            del self._out[key]
        self._is_forgetting = False
        if self._out:
            self._forget_later()

    async def end(self, key: Key) -> None:
        """Wait until nobody holds a lease on `key`. Grant none meanwhile."""
        now_s = steady_s()
        until_s, _ = self._out.pop(key, (now_s, NOTHING))
        if until_s <= now_s:
            return
        if self.holders:
            await asyncio.wait([holder.take_back(key) for holder in self.holders], timeout=until_s - now_s)
