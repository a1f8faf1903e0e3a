"""Leases: refusals with the promise that they stay right, so that whoever heard one can refuse the next himself.

In a flash sale nearly everybody is refused, by tickets that do not change for minutes: asking again and again would
cost more than all the rest. The promise is kept: before an actor changes, its lease is taken back from all who hold
it, or has run out. Source: Gray and Cheriton, "Leases: An Efficient Fault-Tolerant Mechanism for Distributed File
Cache Consistency", 1989.
"""

import asyncio
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from msgspec import Struct

from actors.runtime.clock import Clock
from actors.runtime.message import Key, Leased, Message, Refused

LEASE_FOR = timedelta(seconds=1)
"""How long a lease lasts. A copy of an actor that does not know that it is none any more refuses for so much longer than
its memory is trusted."""

LEASES_MAX = 50_000
"""Leases that one process keeps from one supervisor; with more it begins anew."""


class Holder(Protocol):
    """Somebody who was given leases."""

    def take_back(self, key: Key) -> asyncio.Future[None]:
        """Done once it acts on its lease of `key` no more; never, where it cannot be reached: the lease runs out."""
        ...


class Lessor:
    """Gives leases on the actors of one supervisor, and ends them."""

    def __init__(self, clock: Clock) -> None:
        """No lease is out."""
        self._clock = clock
        self._until: dict[Key, datetime] = {}
        self.holders: set[Holder] = set()
        """Everyone who may hold a lease."""

    def grant(self, key: Key, refusal: Refused) -> Leased:
        """`refusal` with a lease."""
        now = self._clock.now()
        self._until.pop(key, None)
        self._until[key] = now + LEASE_FOR
        for oldest in list(islice(self._until, 2)):  # so it never holds many more than are out
            if self._until[oldest] <= now:
                del self._until[oldest]
        return Leased(refusal=refusal, for_s=LEASE_FOR.total_seconds())

    async def end(self, key: Key) -> None:
        """Wait until nobody holds a lease on `key`. Grant none meanwhile."""
        until = self._until.pop(key, None)
        left_s = (until - self._clock.now()).total_seconds() if until else 0.0
        if left_s > 0 and self.holders:
            await asyncio.wait([holder.take_back(key) for holder in self.holders], timeout=left_s)


class Lease(Struct, frozen=True, gc=False):
    """A promise that somebody holds."""

    kind: type[Message]
    """The messages that are refused."""

    refusal: Refused
    until_s: float
    """When it runs out, in the holder's own monotonic seconds."""


class Lessee:
    """The leases that one process holds from one supervisor."""

    def __init__(self) -> None:
        """None yet."""
        self._leases: dict[Key, Lease] = {}

    def keep(self, key: Key, kind: type[Message], leased: Leased, asked_at_s: float) -> None:
        """Take a lease, which is as old as the question: it cannot have been given before."""
        if len(self._leases) >= LEASES_MAX:
            self._leases.clear()
        self._leases[key] = Lease(kind, leased.refusal, asked_at_s + leased.for_s)

    def refusal(self, key: Key, kind: type[Message], now_s: float) -> Refused | None:
        """What `key` would say to a message of this kind just now; None if that has to be asked."""
        lease = self._leases.get(key)
        return lease.refusal if lease and lease.kind is kind and now_s < lease.until_s else None

    def give_back(self, key: Key) -> None:
        """Act on it no more."""
        self._leases.pop(key, None)

    def give_all_back(self) -> None:
        """Whoever gave them is gone."""
        self._leases.clear()
