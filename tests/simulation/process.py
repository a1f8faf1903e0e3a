"""One copy of one supervisor: it can be killed at any step, paused, and asked."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from actors.contract import TICKETS
from actors.runtime.envelope import Envelope
from actors.runtime.lease import Lessor
from actors.runtime.message import Reply
from actors.runtime.placement import SharedPlacement
from actors.runtime.read_ahead import ReadAhead
from actors.runtime.supervisor import Limits, Supervisor
from actors.runtime.tasks import own
from actors.runtime.turn import Turns
from actors.runtime.vouching import Vouching
from tests.delivered import delivered

from .network import Holder, Wire
from .store import FaultyStore
from .truth import at_once

if TYPE_CHECKING:
    from .world import World

Place = tuple[str, int]
"""A service and one of its partitions."""

CALL_MAX_S = 5.0
"""How long anyone waits for a process that was paused."""


class Process:
    """A supervisor with its own view of the store and its own wire to the others."""

    def __init__(self, world: "World", place: Place, number: int) -> None:
        self.world = world
        self.place = place
        self.name = f"{place[0]}/{place[1]}#{number}"
        self.is_alive = True
        self.crash_at: tuple[str, int] | None = None
        """The step at which it dies, and at the how manyth of them."""

        self._awake: asyncio.Event | None = None
        self._calls: dict[asyncio.Task[None], asyncio.Future[list[Reply] | None]] = {}
        service, partition = place
        behaviour = world.behaviours[service]
        store = FaultyStore(self, world.truths[service])
        self.wire = Wire(world, self)
        self.lessor = Lessor(Vouching(store))
        ahead = ReadAhead(store) if service == TICKETS else None
        turns = Turns(behaviour, store, world.clock, self.lessor, ahead)
        self.supervisor = Supervisor(
            behaviour=behaviour,
            partition=partition,
            partition_map=world.map,
            store=store,
            clock=world.clock,
            placement=SharedPlacement(turns, store, self.wire),
            task=world.task_of(service, self.wire),
            chore=world.chore_of(place, store, self.wire),
            limits=Limits(
                patience_s=world.patience_s,
                passivate_after_s=world.passivate_after_s,
                live_max=world.live_max,
                chore_every_s=world.chore_every_s,
            ),
        )

    def __len__(self) -> int:
        """How many actors are in its memory."""
        return len(self.supervisor)

    def start(self) -> None:
        """Begin to recover and to serve."""
        self.world.note("start", self.name)
        at_once(self.supervisor.start())

    def kill(self, why: str) -> None:
        """Die at once. What was sent to the store may still land; who waits for an answer gets none."""
        if not self.is_alive:
            return
        self.is_alive = False
        self.world.note("kill", self.name, why)
        at_once(self.supervisor.stop())
        self.wire.cut()
        for holder in self.lessor.holders:
            cast("Holder", holder).wire.lose(self)
        for task, answer in self._calls.items():
            task.cancel()
            _answer(answer, None)
        self._calls.clear()

    @property
    def is_paused(self) -> bool:
        """Whether it stands still, as a stopped process or one that swaps does."""
        return self._awake is not None

    def pause(self) -> None:
        """Stand still: nothing goes in or out until `resume`."""
        if self._awake is None:
            self.world.note("pause", self.name)
            self._awake = asyncio.Event()
            for answer in self._calls.values():
                self.world.later(CALL_MAX_S, _answer, answer, None)

    def resume(self) -> None:
        """Go on as if nothing had been."""
        if self._awake is not None:
            self.world.note("resume", self.name)
            self._awake.set()
            self._awake = None

    async def reach(self, step: str) -> None:
        """It has come to `step`: here it waits while it is paused, and here it may die."""
        while self._awake is not None:
            await self._awake.wait()
        if self.crash_at is not None and self.crash_at[0] == step:
            self.crash_at = (step, self.crash_at[1] - 1)
            if self.crash_at[1] <= 0:
                self.crash_at = None
                self.world.crashed(self, step)
        elif self.world.faults.kills(f"killed at {step}", f"{step} {self.place[0]}"):
            self.world.crashed(self, step)
        if not self.is_alive:
            await self.world.loop.create_future()

    def receive(self, batch: Sequence[Envelope]) -> "asyncio.Future[list[Reply] | None]":
        """Take a call; the answer is None where none will come."""
        answer: asyncio.Future[list[Reply] | None] = self.world.loop.create_future()
        task = own(self._serve(batch, answer))
        self._calls[task] = answer
        task.add_done_callback(lambda done: self._calls.pop(done, None))
        if self.is_paused:
            self.world.later(CALL_MAX_S, _answer, answer, None)
        return answer

    async def _serve(self, batch: Sequence[Envelope], answer: "asyncio.Future[list[Reply] | None]") -> None:
        while self._awake is not None:
            await self._awake.wait()
        replies = await delivered(self.supervisor, self.world.map.version, batch)
        self.world.guard.answered(self, batch, replies)
        while self._awake is not None:
            await self._awake.wait()
        _answer(answer, replies)


def _answer(answer: "asyncio.Future[list[Reply] | None]", replies: list[Reply] | None) -> None:
    if not answer.done():
        answer.set_result(replies)
