"""A supervisor: owns one partition of one service. Activates, routes, recovers, wakes and passivates its actors."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actors.runtime.agenda import Agenda
from actors.runtime.attendance import Attendances, wake
from actors.runtime.behaviour import Behaviour, Chore, Task
from actors.runtime.clock import Clock
from actors.runtime.envelope import UNANSWERED, Answer, Envelope
from actors.runtime.hearing import Say, hand_over
from actors.runtime.lease import Lessor
from actors.runtime.message import Key, Overloaded, Reply
from actors.runtime.partition import PartitionMap
from actors.runtime.passivation import Passivation
from actors.runtime.placement import Hosted, NoRoom, Placement
from actors.runtime.store import Store
from actors.runtime.tasks import log, spawn
from actors.runtime.waiting_room import WaitingRoom
from actors.runtime.watch import Watch

REASONS_MAX = 20
"""Of so many things that are tried again the status says why."""

LOOKS_AT_ONCE = 1_000
"""Actors that are looked at for the status before messages have their turn again."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The bounds of one supervisor."""

    in_flight_max: int = 50_000
    """Messages whose senders may wait here, over all its actors. Who was told `Unanswered` does not count any more,
    though his message stays in its mailbox until the turn before it is over."""

    patience_s: float = 0.25
    """Seconds that one delivery waits for slow answers before it says `Unanswered` for them."""

    delivery_patience_s: float = 5.0
    """The same where all of it comes out of outboxes: nobody sits in front of it, and sending it again costs both.
    Well below the silence after which a link counts as lost."""

    passivate_after_s: float = 60
    """Seconds without a message after which an idle actor leaves memory."""

    live_max: int = 200_000
    """Actors in memory, some 500 MB: many more than anybody needs within `passivate_after_s`, but whoever asks for what
    does not exist fills memory too, for a while."""

    tasks_max: int = 64
    """Actors that the service's task works on at the same time."""

    scan_every_s: float = 3
    """Seconds between looks for outboxes and deadlines that nobody serves."""

    chore_every_s: float = 180
    """Seconds between two rounds of the service's chore."""

    chore_max_s: float = 3_600
    """Seconds after which a round counts as failed: one that hangs would be the last."""


class Supervisor:
    """Owns the actors of one partition. Everything it rests on is passed in, so it runs on Ray and without."""

    def __init__(
        self,
        *,
        behaviour: Behaviour,
        partition: int,
        partition_map: PartitionMap,
        store: Store,
        clock: Clock,
        placement: Placement,
        task: Task | None = None,
        chore: Chore | None = None,
        limits: Limits = Limits(),
        lessor: Lessor | None = None,
    ) -> None:
        """Nothing runs before `start`."""
        self.lessor = lessor
        self._behaviour = behaviour
        self._partition = partition
        self._map = partition_map
        self._placement = placement
        self._limits = limits
        self._clock = clock
        self._actors: dict[Key, Hosted] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._passivation = Passivation(limits.passivate_after_s, self._actors, placement)
        self._waiting_room = WaitingRoom(self._actor, self._passivation.make_room)
        self._attendances = Attendances(self._waiting_room.housed, clock, task or wake, limits.tasks_max)
        self._agenda = Agenda(clock, self._attendances.attend)
        self._watch = Watch(store, partition_map.slots(partition), clock, self._reconcile, self._appoint)
        self._chore = chore
        self._in_flight = 0

    async def start(self) -> None:
        """Take up what an earlier supervisor of this partition left, and keep looking for more."""
        spawn(self._watch.run(self._limits.scan_every_s), self._tasks)
        spawn(self._passivation.run(), self._tasks)
        if self._chore:
            spawn(self._do_chore_for_ever(), self._tasks)

    async def stop(self) -> None:
        """Stop at once, as a crash would: the store knows how to continue.

        For tests and simulations; on Ray the process ends, and with it all of this.
        """
        self._agenda.close()
        for task in self._tasks:
            task.cancel()
        self._attendances.close()
        self._waiting_room.close()
        for actor in self._actors.values():
            actor.close()

    def take(self, map_version: int, envelopes: Sequence[Envelope], say: Say) -> None:
        """Hand messages to their actors; `say` hears each reply once, with the message's place among `envelopes`.

        It does so as soon as a reply is there, for what changes nothing at once, and `Unanswered` once patience ends.
        """
        if map_version != self._map.version:
            wrong = Overloaded(reason=f"partition map {map_version} is not in force, {self._map.version} is")
            for n in range(len(envelopes)):
                say(n, wrong)
            return
        self._in_flight += len(envelopes)

        def said(n: int, reply: Reply) -> None:
            self._in_flight -= 1
            if reply is UNANSWERED:
                self._let_go(envelopes[n])
            say(n, reply)

        hand_over(envelopes, self._accept, self._patience_for(envelopes), said)

    def _patience_for(self, envelopes: Sequence[Envelope]) -> float:
        published = all(envelope.message.addressees() for envelope in envelopes)
        return self._limits.delivery_patience_s if published else self._limits.patience_s

    def _accept(self, envelope: Envelope) -> Answer:
        if self._in_flight > self._limits.in_flight_max:
            return Overloaded(reason=f"{self._in_flight} messages wait for this supervisor already")
        try:
            return self._actor(envelope.to.key).submit(envelope)
        except NoRoom:
            return self._waiting_room.enter(envelope)

    def _let_go(self, envelope: Envelope) -> None:
        """A held question stays only as long as somebody waits for it here."""
        self._waiting_room.let_go(envelope.op)
        actor = self._actors.get(envelope.to.key)
        if actor is not None:
            actor.let_go(envelope.op)

    def _actor(self, key: Key, *, is_spare: bool = False) -> Hosted:
        """The actor `key`, which is needed now: activated if it is not in memory, in the spare place if it may be.

        Raises:
            NoRoom: no further actor can be activated now.
        """
        actor = self._actors.get(key)
        if actor is None:
            if len(self._actors) >= self._limits.live_max + is_spare:
                raise NoRoom(f"{self._limits.live_max} actors are in memory already")
            actor = self._actors[key] = self._placement.place(key, self._changed, is_spare=is_spare)
        self._passivation.touch(key)
        return actor

    def _changed(self, actor: Hosted) -> None:
        """An actor has a new state: move its appointment."""
        due = actor.due()
        if due is None:
            self._agenda.drop(actor.key)
        else:
            self._agenda.put(actor.key, due)
        self._attendances.changed(actor)

    def _appoint(self, key: Key, at: datetime) -> None:
        """The store holds a deadline; one that is being seen to is no news."""
        if not self._attendances.is_under_way(key):
            self._agenda.put(key, at)

    async def _reconcile(self, key: Key, version: int) -> None:
        """A stored outbox has waited a while: deliver what this process does not know of.

        Raises:
            NoRoom: no further actor can be activated now.
            Unknown: the store does not answer.
        """
        actor = await self._waiting_room.housed(key)
        known = actor.snapshot
        if known is None or known.version != version or actor.is_idle:
            await actor.refresh()

    async def do_chore(self) -> Any:  # noqa: ANN401  what a chore reports is its own affair
        """One round of the service's chore, now; its report, None where there is no chore.

        Raises:
            TimeoutError: it took longer than any round does.
            Exception: whatever the chore raises.
        """
        if self._chore is None:
            return None
        async with asyncio.timeout(self._limits.chore_max_s):
            return await self._chore()

    async def _do_chore_for_ever(self) -> None:
        """At start and every few minutes; a round that fails shows in the log and is followed by the next."""
        while True:
            try:
                await self.do_chore()
            except Exception as error:  # noqa: BLE001  it talks to the world outside, which fails in many ways
                log.warning("a chore of %s failed: %r", self._behaviour.service, error)
            await asyncio.sleep(self._limits.chore_every_s)

    def __len__(self) -> int:
        """How many actors are in memory."""
        return len(self._actors)

    @property
    def has_recovered(self) -> bool:
        """Whether it has looked through what an earlier supervisor left, and taken up what there was room for."""
        return self._watch.has_recovered

    async def status(self) -> dict[str, Any]:
        """What an operator wants to know of this partition."""
        await self._placement.look()
        busy = await self._busy()
        retrying = [{"what": what, "why": why} for actor in busy for what, why in actor.troubles.items()]
        others = self._watch.troubles | self._attendances.troubles
        retrying += [{"what": what, "why": why} for what, why in others.items()]
        return {
            "service": self._behaviour.service,
            "partition": self._partition,
            "live_actors": len(self),
            "queued": sum(actor.queued for actor in busy) + len(self._waiting_room),
            "in_flight": self._in_flight,
            "undelivered": sum(actor.undelivered for actor in busy),
            "timers": len(self._agenda),
            "recovered": self.has_recovered,
            "retrying": retrying[:REASONS_MAX],
            "retrying_count": len(retrying),
        }

    async def _busy(self) -> list[Hosted]:
        """Those that have something to say of themselves; tens of thousands may only wait to be asked."""
        found = []
        for n, actor in enumerate(list(self._actors.values()), start=1):
            if actor.queued or actor.undelivered or actor.troubles:
                found.append(actor)
            if n % LOOKS_AT_ONCE == 0:
                await asyncio.sleep(0)
        return found
