"""A network that loses, repeats, delays and reorders whole groups of messages: a link does so only as it dies."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from actors.runtime.coalescer import Coalescer, QueueFull
from actors.runtime.envelope import Envelope
from actors.runtime.lessee import RENEW_EVERY_S, Lessee
from actors.runtime.message import Address, Key, Leased, Message, OutcomeUnknown, Overloaded, Refused, Reply
from actors.runtime.tasks import own

from .faults import NETWORK_FAULTS

if TYPE_CHECKING:
    from .process import Place, Process
    from .world import World

SLOW_S = (0.1, 2.0)
LATE_S = (0.05, 15.0)
"""How much later than anyone waits for it a call may arrive."""


class Lost(Exception):
    """A call failed on its way there or back."""


class Holder(Struct, frozen=True):
    """One end of the network as a process that gave it leases knows it."""

    wire: "Wire"
    process: "Process"

    @property
    def is_eager(self) -> bool:
        """Whoever asks for anything is given all the leases there are: the more of them, the more can go wrong."""
        return True

    def give(self, key: Key, kind: type[Message], leased: Leased) -> None:
        """See `actors.runtime.lease.Holder`."""
        own(self.wire.given(self.process, key, kind, leased))

    def take_back(self, key: Key) -> asyncio.Future[None]:
        """See `actors.runtime.lease.Holder`."""
        return own(self.wire.give_back(self.process, key))


class Wire:
    """One process's end of the network. What it sends dies with the process only before it left."""

    def __init__(self, world: "World", owner: "Process | None") -> None:
        self._world = world
        self._owner = owner
        self._coalescers: dict[Place, Coalescer[Envelope, Reply]] = {}
        self._lessees: dict[Process, Lessee] = {}
        self._renewing: set[Process] = set()
        self._heard_s: dict[Process, float] = {}
        """When the last call left that a process has taken."""

        self._taken_back: dict[tuple[Process, Key], float] = {}
        """When a lease was last given back: what was asked before that is no lease any more."""

    def leased(self, to: Address, kind: type[Message]) -> Refused | None:
        """What `to` would answer to a message of this kind, where that need not be asked."""
        place = (to.service, self._world.map.partition_of(to.key))
        for process, lessee in self._lessees.items():
            if process.place == place and (refusal := lessee.refusal(to.key, kind, self._world.loop.time())):
                self._renew_later(process, lessee)
                return refusal
        return None

    def _renew_later(self, process: "Process", lessee: Lessee) -> None:
        if process not in self._renewing:
            self._renewing.add(process)
            self._world.later(RENEW_EVERY_S, self._ask_to_renew, process, lessee)

    def _ask_to_renew(self, process: "Process", lessee: Lessee) -> None:
        self._renewing.discard(process)
        if wanted := lessee.wanted(self._world.loop.time()):
            own(self._renew(process, wanted))
            self._renew_later(process, lessee)

    async def _renew(self, process: "Process", leases: Sequence[tuple[Key, int]]) -> None:
        """Ask whether leases can begin anew; the answer is lost with the connection, and with nothing else."""
        asked_s = self._world.loop.time()
        await asyncio.sleep(self._leg_s())
        renewed = process.lessor.renew(leases) if process.is_alive and not process.is_paused else []
        await asyncio.sleep(self._leg_s())
        if (lessee := self._lessees.get(process)) is not None:
            kept = [key for key in renewed if self._taken_back.get((process, key), -1.0) < asked_s]
            lessee.renewed(kept, asked_s)

    async def send(self, envelope: Envelope) -> Reply:
        """What the addressee answered; `OutcomeUnknown` where the way there or back failed."""
        if self._owner is not None:
            await self._owner.reach("send before")
        try:
            reply = await self._coalescer(envelope).submit(envelope)
        except QueueFull as full:
            reply = Overloaded(reason=str(full))
        except Lost as lost:
            reply = OutcomeUnknown(reason=str(lost))
        if self._owner is not None:
            await self._owner.reach("send after")
        return reply

    def cut(self) -> None:
        """The process is gone: nothing more leaves."""
        for coalescer in self._coalescers.values():
            for pump in list(coalescer._pumps):
                pump.cancel()

    def _coalescer(self, envelope: Envelope) -> "Coalescer[Envelope, Reply]":
        place = (envelope.to.service, self._world.map.partition_of(envelope.to.key))
        found = self._coalescers.get(place)
        if found is None:

            async def call(batch: Sequence[Envelope]) -> Sequence[Reply]:
                return await self._call(place, batch)

            found = self._coalescers[place] = Coalescer(call, in_flight_max=self._world.calls_max)
        return found

    async def _call(self, place: "Place", batch: Sequence[Envelope]) -> Sequence[Reply]:
        """One call for the whole batch, and what becomes of it."""
        world = self._world
        fault = world.faults.draw(NETWORK_FAULTS, f"call {place[0]}")
        if fault:
            world.note(fault, *(f"{each.op}->{each.to}" for each in batch))
        left_s = world.loop.time()
        await asyncio.sleep(world.chance.between(*SLOW_S) if fault == "message slow" else self._leg_s())
        match fault:
            case "request lost":
                raise Lost(fault)
            case "overloaded":
                return [Overloaded(reason="simulated")] * len(batch)
            case "delivered late":
                world.later(world.chance.between(*LATE_S), self._arrive, place, batch)
                raise Lost(fault)
            case "delivered twice":
                world.later(world.chance.between(*LATE_S), self._arrive, place, batch)
        process, asked_s = world.route(place), world.loop.time()
        replies = None
        if process is not None:
            self._heard_s[process] = left_s
            process.lessor.holders.add(Holder(self, process))
            replies = await process.receive(batch)
        await asyncio.sleep(self._leg_s())
        if process is None or replies is None or fault == "reply lost":
            raise Lost(fault or "nobody answered")
        return [self._hear(process, *each, asked_s) for each in zip(batch, replies, strict=True)]

    def _hear(self, process: "Process", envelope: Envelope, reply: Reply, asked_s: float) -> Reply:
        """Keep the lease in a reply, unless it was taken back on the way."""
        if not isinstance(reply, Leased):
            return reply
        key = envelope.to.key
        if process.is_alive and self._taken_back.get((process, key), -1.0) < asked_s:
            self._lessees.setdefault(process, Lessee()).keep(key, type(envelope.message), reply, asked_s)
        return reply.refusal

    async def given(self, process: "Process", key: Key, kind: type[Message], leased: Leased) -> None:
        """A lease comes unasked, as old as the last call before it; what was taken back on the way is none."""
        as_of_s, given_s = self._heard_s[process], self._world.loop.time()
        await self._hop("gift")
        if process.is_alive and self._taken_back.get((process, key), -1.0) < given_s:
            self._lessees.setdefault(process, Lessee()).keep(key, kind, leased, as_of_s)

    async def give_back(self, process: "Process", key: Key) -> None:
        """A lease is taken back: the word comes and goes as others do, though it is not lost."""
        await self._hop("lease")
        self._taken_back[process, key] = self._world.loop.time()
        self._lessees.setdefault(process, Lessee()).give_back(key)
        await asyncio.sleep(self._leg_s())

    def lose(self, process: "Process") -> None:
        """A process has died: its connections tell at once."""
        self._lessees.pop(process, None)
        self._heard_s.pop(process, None)

    async def _hop(self, what: str) -> None:
        """One leg of the way, which may take long."""
        slow = self._world.faults.draw(("message slow",), what)
        await asyncio.sleep(self._world.chance.between(*SLOW_S) if slow else self._leg_s())

    def _leg_s(self) -> float:
        return self._world.chance.between(0.0003, 0.004)

    def _arrive(self, place: "Place", batch: Sequence[Envelope]) -> "asyncio.Future[list[Reply] | None]":
        """Hand a call to one of the copies that live at `place`."""
        process = self._world.route(place)
        if process is None:
            nobody: asyncio.Future[list[Reply] | None] = self._world.loop.create_future()
            nobody.set_result(None)
            return nobody
        return process.receive(batch)
