"""Leases: refusals with the promise that they stay right, so that whoever heard one can refuse the next himself.

In a flash sale nearly everybody is refused, by tickets that do not change for minutes: asking again and again would
cost more than all the rest. The promise is kept: before an actor changes, its lease is taken back from all who hold
it, or has run out. Source: Gray and Cheriton, "Leases: An Efficient Fault-Tolerant Mechanism for Distributed File
Cache Consistency", 1989.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from msgspec import Struct

from actors.runtime.clock import Clock
from actors.runtime.memory import Memory
from actors.runtime.message import Key, Leased, Message, Refused
from actors.runtime.vouching import Vouching

LEASE_FOR = timedelta(seconds=1)
"""How long a lease lasts. A copy of an actor that does not know that it is none any more refuses for so much longer
than its memory is trusted."""

RENEW_EVERY_S = 0.5
"""How far a holder's questions are apart whether the leases that it used can begin anew: all of them in one."""

USED_WITHIN_S = 5.0
"""How lately a lease must have been of use to be worth renewing: that costs little beside asking for it again."""

LEASES_MAX = 50_000
"""Leases that one process keeps from one supervisor; with more it begins anew."""

NO_TIME = timedelta(0)

NOTHING = Memory()
"""What rests on nothing."""


class Holder(Protocol):
    """Somebody who was given leases."""

    def take_back(self, key: Key) -> asyncio.Future[None]:
        """Done once it acts on its lease of `key` no more; never, where it cannot be reached: the lease runs out."""
        ...


class Lessor:
    """Gives leases on the actors of one supervisor, and ends them."""

    def __init__(self, clock: Clock, vouching: Vouching) -> None:
        """No lease is out; `vouching` keeps the memory trustworthy that leases rest on."""
        self._clock = clock
        self.vouching = vouching
        self._out: dict[Key, tuple[datetime, Memory]] = {}
        """Until when leases are out, the oldest first, and what they rest on."""

        self.holders: set[Holder] = set()
        """Everyone who may hold a lease."""

    def grant(self, key: Key, refusal: Refused, memory: Memory) -> Leased:
        """`refusal`, which rests on `memory`, with a lease."""
        now = self._clock.now()
        self._lease(key, memory, now)
        for oldest in list(islice(self._out, 2)):  # so it never holds many more than are out
            if self._out[oldest][0] <= now:
                del self._out[oldest]
        assert memory.snapshot is not None, "it decided"
        return Leased(refusal=refusal, version=memory.snapshot.version, for_s=LEASE_FOR.total_seconds())

    def renew(self, leases: Iterable[tuple[Key, int]]) -> list[Key]:
        """Let leases, each on an actor at a version, begin anew where they are out still and memory is trusted."""
        now = self._clock.now()
        renewed = []
        for key, version in leases:
            until, memory = self._out.get(key, (now, NOTHING))
            same = memory.snapshot is not None and memory.snapshot.version == version
            if now < until and same and memory.is_trusted(now):
                self._lease(key, memory, now)
                renewed.append(key)
        return renewed

    def _lease(self, key: Key, memory: Memory, now: datetime) -> None:
        self._out.pop(key, None)
        self._out[key] = now + LEASE_FOR, memory
        self.vouching.want(key, memory, now)  # so that it is trusted when the lease has run out

    async def end(self, key: Key) -> None:
        """Wait until nobody holds a lease on `key`. Grant none meanwhile."""
        until, _ = self._out.pop(key, (self._clock.now(), NOTHING))
        left = min(until - self._clock.now(), LEASE_FOR)  # no more than that where the clock was put back
        if left <= NO_TIME:
            return
        await asyncio.sleep(0)  # the reply that grants it may have been given in this very round: let it be said first
        if self.holders:
            await asyncio.wait([holder.take_back(key) for holder in self.holders], timeout=left.total_seconds())


class Lease(Struct, frozen=True, gc=False):
    """A promise that somebody holds."""

    kind: type[Message]
    """The messages that are refused."""

    refusal: Refused
    version: int
    until_s: float
    """When it runs out, in the holder's own monotonic seconds."""


class Lessee:
    """The leases that one process holds from one supervisor."""

    def __init__(self) -> None:
        """None yet."""
        self._leases: dict[Key, Lease] = {}
        self._used_s: dict[Key, float] = {}
        """When leases were last of use."""

    def keep(self, key: Key, kind: type[Message], leased: Leased, asked_at_s: float) -> None:
        """Take a lease, which is as old as the question: it cannot have been given before."""
        if len(self._leases) >= LEASES_MAX:
            self.give_all_back()
        self._leases[key] = Lease(kind, leased.refusal, leased.version, asked_at_s + leased.for_s)

    def refusal(self, key: Key, kind: type[Message], now_s: float) -> Refused | None:
        """What `key` would say to a message of this kind just now; None if that has to be asked."""
        lease = self._leases.get(key)
        if lease is None or lease.kind is not kind or now_s >= lease.until_s:
            return None
        self._used_s[key] = now_s
        return lease.refusal

    def used(self, now_s: float) -> list[tuple[Key, int]]:
        """The leases that were of use lately, and so are worth renewing; the others run out."""
        since_s = now_s - USED_WITHIN_S
        self._leases = {key: lease for key, lease in self._leases.items() if lease.until_s > now_s}
        self._used_s = {key: at_s for key, at_s in self._used_s.items() if at_s > since_s and key in self._leases}
        return [(key, self._leases[key].version) for key in self._used_s]

    def renewed(self, keys: Iterable[Key], asked_at_s: float) -> None:
        """These leases begin anew, as old as the question; those given back meanwhile stay so."""
        until_s = asked_at_s + LEASE_FOR.total_seconds()
        for key in keys:
            if (lease := self._leases.get(key)) is not None:
                self._leases[key] = Lease(lease.kind, lease.refusal, lease.version, until_s)

    def give_back(self, key: Key) -> None:
        """Act on it no more."""
        self._leases.pop(key, None)

    def give_all_back(self) -> None:
        """Whoever gave them is gone."""
        self._leases.clear()
        self._used_s.clear()
