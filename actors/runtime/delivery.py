"""Delivering an outbox: in order for each subscriber, again and again until it is acknowledged."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from actors.runtime.envelope import Envelope, is_final
from actors.runtime.message import Address, OutcomeUnknown, Reply, Unanswered
from actors.runtime.snapshot import OutboxEntry
from actors.runtime.tasks import log, spawn

FIRST_BACKOFF_S = 0.05
BACKOFF_MAX_S = 5.0


class Transport(Protocol):
    """Carries envelopes to the supervisors of other services."""

    async def send(self, envelope: Envelope) -> Reply:
        """What the addressee answered; a reply that `is_final` denies where it is not known to have got it."""
        ...


class Delivery:
    """The lanes of one actor's outbox, one for each subscriber that still has something to hear."""

    __slots__ = ("_acknowledged", "_lanes", "_left", "_tasks", "_transport", "troubles")

    def __init__(self, transport: Transport, acknowledged: Callable[[OutboxEntry, Address, Reply], None]) -> None:
        """Send through `transport`; tell `acknowledged` of every addressee that has taken an entry."""
        self._transport = transport
        self._acknowledged = acknowledged
        self._lanes: dict[Address, deque[OutboxEntry]] = {}
        self._left: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.troubles: dict[str, str] = {}
        """Entries whose delivery fails at present, and why."""

    def __len__(self) -> int:
        """How many entries somebody has yet to acknowledge."""
        return len(self._left)

    def take(self, entries: Iterable[OutboxEntry]) -> None:
        """Deliver those of `entries` that are not under way yet."""
        for entry in entries:
            if entry.id in self._left:
                continue
            addressees = entry.message.addressees()
            self._left[entry.id] = len(addressees)
            for address in addressees:
                self._queue(address, entry)

    def is_complete(self, entry: OutboxEntry) -> bool:
        """Whether everyone has acknowledged `entry`."""
        return entry.id not in self._left

    def _queue(self, address: Address, entry: OutboxEntry) -> None:
        lane = self._lanes.get(address)
        if lane is not None:
            lane.append(entry)
        else:
            self._lanes[address] = deque((entry,))
            spawn(self._run(address), self._tasks)

    async def _run(self, address: Address) -> None:
        """One lane: the next entry goes only after the one before it was acknowledged."""
        lane = self._lanes[address]
        while lane:
            entry = lane[0]
            reply = await self._deliver(address, entry)
            lane.popleft()
            self._left[entry.id] -= 1
            if not self._left[entry.id]:
                del self._left[entry.id]
            self._note(entry, address, reply)
        del self._lanes[address]

    def _note(self, entry: OutboxEntry, address: Address, reply: Reply) -> None:
        try:
            self._acknowledged(entry, address, reply)
        except Exception:  # noqa: BLE001  what waits in the lane is not to stand still; this is delivered again
            log.exception("what came of %s to %s could not be noted", entry.id, address)

    async def _deliver(self, address: Address, entry: OutboxEntry) -> Reply:
        envelope = Envelope(address, entry.id, entry.message)
        backoff = FIRST_BACKOFF_S
        while not is_final(reply := await self._send(envelope)):
            if isinstance(reply, Unanswered):  # it is being seen to: no trouble, and no reason to come back later
                await asyncio.sleep(FIRST_BACKOFF_S)
                continue
            self.troubles[f"{entry.id} to {address}"] = str(reply)
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, BACKOFF_MAX_S)
        self.troubles.pop(f"{entry.id} to {address}", None)
        return reply

    async def _send(self, envelope: Envelope) -> Reply:
        try:
            return await self._transport.send(envelope)
        except Exception as defect:  # noqa: BLE001  nothing is ever dropped: it is tried again, and shown in status
            return OutcomeUnknown.after(defect)

    def close(self) -> None:
        """Stop; what is not delivered waits in the snapshot."""
        for task in self._tasks:
            task.cancel()
