"""The holder's side of leases: refusing in an actor's name for as long as that is right, see `lease`."""

from collections import deque
from collections.abc import Iterable
from math import inf

from msgspec import Struct

from actors.runtime.lease import LEASE_FOR_S
from actors.runtime.message import Key, Leased, Message, Refused

RENEW_EVERY_S = 0.5
"""How far a holder's questions are apart whether its leases can begin anew: all that are wanted in one."""

USED_WITHIN_S, GIVEN_WITHIN_S = 5.0, 2.0
"""How lately a lease must have been asked for or of use to be worth renewing, which costs little beside asking again;
and how lately it must have come where nobody has asked."""

LEASES_MAX = 50_000
"""Leases that one process keeps from one supervisor; with more it begins anew."""


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
        self._wanted_until_s: dict[Key, float] = {}
        """Until when leases are worth renewing."""

        self.refused = 0
        """How often they were of use so far."""

    def keep(
        self, key: Key, kind: type[Message], leased: Leased, asked_at_s: float, wanted_for_s: float = USED_WITHIN_S
    ) -> None:
        """Take a lease, which is as old as the question before it: it cannot have been given earlier."""
        if len(self._leases) >= LEASES_MAX:
            self.give_all_back()
        self._leases[key] = Lease(kind, leased.refusal, leased.version, asked_at_s + leased.for_s)
        self._wanted_until_s[key] = asked_at_s + wanted_for_s

    def refusal(self, key: Key, kind: type[Message], now_s: float) -> Refused | None:
        """What `key` would say to a message of this kind just now; None if that has to be asked."""
        lease = self._leases.get(key)
        if lease is None or lease.kind is not kind or now_s >= lease.until_s:
            return None
        self._wanted_until_s[key] = now_s + USED_WITHIN_S
        self.refused += 1
        return lease.refusal

    def wanted(self, now_s: float) -> list[tuple[Key, int]]:
        """The leases that are worth renewing; the others run out."""
        self._leases = {key: lease for key, lease in self._leases.items() if lease.until_s > now_s}
        wanted = {key: until_s for key, until_s in self._wanted_until_s.items() if until_s > now_s}
        self._wanted_until_s = {key: until_s for key, until_s in wanted.items() if key in self._leases}
        return [(key, self._leases[key].version) for key in self._wanted_until_s]

    def renewed(self, keys: Iterable[Key], asked_at_s: float) -> None:
        """These leases begin anew, as old as the question; those given back meanwhile stay so."""
        until_s = asked_at_s + LEASE_FOR_S
        for key in keys:
            if (lease := self._leases.get(key)) is not None:
                self._leases[key] = Lease(lease.kind, lease.refusal, lease.version, until_s)

    def give_back(self, key: Key) -> None:
        """Act on it no more."""
        self._leases.pop(key, None)

    def give_all_back(self) -> None:
        """Whoever gave them is gone."""
        self._leases.clear()
        self._wanted_until_s.clear()


class Departures:
    """When calls left: what the other end gives unasked is as old as the last call that it had taken by then."""

    def __init__(self) -> None:
        """None has."""
        self._count = 0
        self._left_s: deque[float] = deque()
        """Of the newest calls; nothing rests any more on one that is older than a lease."""

    def leave(self, now_s: float) -> None:
        """Another call leaves."""
        self._count += 1
        self._left_s.append(now_s)
        while self._left_s[0] < now_s - LEASE_FOR_S:
            self._left_s.popleft()

    def left_s(self, number: int) -> float:
        """When the call of this number, from 1, left; -inf where that is so long ago that it does not matter."""
        back = self._count - number + 1
        return self._left_s[-back] if 0 < back <= len(self._left_s) else -inf
