"""A visitor of a supervisor as a holder of leases: what it is to hear of them, and what it has said. See `lease`."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from math import inf

from actors.runtime.lease import LEASE_FOR_S, Lessor
from actors.runtime.message import Key, Leased, Message, Reply
from actors.runtime.wire import Call, Gift, Word

GIFTS_PER_REFUSAL, GIFTS_MAX = 8, 1_000
"""How many leases each refusal makes worth giving unasked, and how many may be at a time: in a rush all are of use, and
where few are refused, those that are not cost little."""

EAGER_FOR_S = 1.0
"""How long after its last refusal a visitor is given leases unasked: when the rush is over, nobody needs them."""


class Tenant:
    """Collects what is said of leases until the next word leaves. It is a `Holder`."""

    def __init__(self, lessor: Lessor, flush_soon: Callable[[], None]) -> None:
        """No holder yet; `flush_soon` sees to it that a word leaves."""
        self._lessor = lessor
        self._flush_soon = flush_soon
        self._loop = asyncio.get_running_loop()
        self._is_gone = False
        self._taken_back: list[Key] = []
        self._returns: deque[asyncio.Future[None]] = deque()
        """Who waits for leases to be given back, in the order they were taken back."""

        self._returned = 0
        self._renewed: list[Key] | None = None
        """The answer to a question about leases, until it leaves."""

        self._given: list[Gift] = []
        self._calls = self._given_after = 0
        """How many calls have come, and how many had when the first of those leases was given."""

        self._refused = 0
        """How many it has refused by its leases."""

        self._worth = 0
        """How many more leases are worth giving unasked."""

        self._eager_until_s = -inf
        """Until when they are worth it."""

    @property
    def is_eager(self) -> bool:
        """See `Holder`."""
        return self._worth > 0 and self._loop.time() < self._eager_until_s and not self._is_gone

    def give(self, key: Key, kind: type[Message], leased: Leased) -> None:
        """See `Holder`."""
        if not self._given:
            self._given_after = self._calls
        self._given.append(Gift(key, kind, leased))
        self._worth -= 1
        self._flush_soon()

    def take_back(self, key: Key) -> asyncio.Future[None]:
        """See `Holder`. Leaves with or after the reply or gift that granted the lease, and counts as later."""
        returned: asyncio.Future[None] = self._loop.create_future()
        self._taken_back.append(key)
        self._returns.append(returned)
        self._flush_soon()
        return returned

    def hear(self, call: Call) -> None:
        """What a call says of leases."""
        self._calls += 1
        while self._returned < call.returned and self._returns:
            self._returned += 1
            returned = self._returns.popleft()
            if not returned.done():
                returned.set_result(None)
        if call.refused > self._refused:
            self._refuses(call.refused - self._refused)
            self._refused = call.refused
        if call.renew:
            self._renewed = self._lessor.renew(call.renew)
            self._flush_soon()

    def told(self, key: Key, reply: Reply) -> Reply:
        """What leaves for a reply of the actor `key`: without its lease if that has ended since it was granted.

        A lease makes the visitor a holder. Until its reply leaves nobody asks for it back.
        """
        if not isinstance(reply, Leased):
            return reply
        self._refuses(1)
        if not self._lessor.is_out(key, reply.version):
            return reply.refusal
        self._lessor.holders.add(self)
        return reply

    def _refuses(self, count: int) -> None:
        self._worth = min(self._worth + count * GIFTS_PER_REFUSAL, GIFTS_MAX)
        self._eager_until_s = self._loop.time() + EAGER_FOR_S

    def word(self, replies: Sequence[tuple[int, Reply]]) -> Word:
        """These replies, and all that is to be said of leases; it is said once."""
        word = Word(replies, self._taken_back, self._renewed, self._given, self._given_after)
        self._taken_back, self._renewed, self._given = [], None, []
        return word

    def leave(self) -> None:
        """It is cut off, and may not know yet: it counts as a holder for as long as a lease may last."""
        self._is_gone = True
        self._loop.call_later(LEASE_FOR_S, self._lessor.holders.discard, self)
