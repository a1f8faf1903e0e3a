"""The people of a schedule: what they ask, how long they insist, and what they were told."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actors.contract import (
    Address,
    Command,
    Granted,
    Key,
    OrderReply,
    OrderSettled,
    OutcomeUnknown,
    Overloaded,
    Refused,
    Reply,
    Reserve,
    TicketHeld,
)
from actors.runtime.caller import Caller
from actors.runtime.envelope import is_final
from actors.runtime.snapshot import from_stored

from .network import Wire

if TYPE_CHECKING:
    from .world import World

INSIST_MAX = 400
"""How often a patient person repeats a question."""


@dataclass(frozen=True, slots=True)
class Told:
    """A reply that reached somebody: from now on it must be true."""

    to: Address
    wish: Command
    reply: Reply
    asked_s: float
    told_s: float


class People:
    """Everybody who asks for something, each in a task; the API is between them and the actors."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.told: list[Told] = []
        self.busy: dict[asyncio.Task[None], str] = {}
        """Who is still about, and what it is that they do."""

        self._caller = Caller(Wire(world, None))
        self._ops = 0

    def enter(self, who: str, errand: Coroutine[Any, Any, None]) -> None:
        """Somebody begins an errand."""
        task = self.world.loop.create_task(errand)
        self.busy[task] = who
        task.add_done_callback(self._leave)

    def _leave(self, task: "asyncio.Task[None]") -> None:
        who = self.busy.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.world.violated(f"{who}: {error!r}")

    def new_op(self, name: str) -> str:
        """An operation id nobody has used."""
        self._ops += 1
        return f"{name}/{self._ops}"

    async def insist(self, service: str, key: Key, wish: Command, until_s: float | None = None) -> Reply:
        """Ask until there is an answer, always as the same operation; an impatient one gives up at `until_s`."""
        world, to, op = self.world, Address(service=service, key=key), self.new_op(type(wish).__name__)
        asked_s = world.loop.time()
        if (refusal := self._refused_at_once(to, wish)) is not None:
            self._hear(Told(to, wish, refusal, asked_s, asked_s), op)
            return refusal
        for _ in range(INSIST_MAX):
            reply = await self._caller.ask(to, wish, op, world.chance.between(0.3, 3))
            if is_final(reply):
                self._hear(Told(to, wish, reply, asked_s, world.loop.time()), op)
                return reply
            assert isinstance(reply, OutcomeUnknown | Overloaded), f"a caller hears no {reply}"
            if until_s is not None and world.loop.time() > until_s:
                return reply
            await asyncio.sleep(world.chance.between(0.05, 0.8))
        world.violated(f"{wish} to {to} was never answered: {reply}")
        return reply

    def _refused_at_once(self, to: Address, wish: Command) -> Reply | None:
        """What the API refuses without asking; see `serve_app.api.reserving`."""
        held = self._caller.leased(to, type(wish))
        other = isinstance(wish, Reserve) and isinstance(held, TicketHeld) and held.user_id != wish.user_id
        return held if other else None

    def _hear(self, told: Told, op: str) -> None:
        self.told.append(told)
        self.world.note("told", op, f"{told.to}:", told.reply)
        if self.world.faults.draw(("client repeats",), "person"):
            self.enter(f"repeats {op}", self._repeat(told, op))

    async def _repeat(self, told: Told, op: str) -> None:
        """Say it once more, much later perhaps."""
        await asyncio.sleep(self.world.chance.between(0.0, 6))
        asked_s, recorded = self.world.loop.time(), self._recorded(told.to, op)
        reply = await self._caller.ask(told.to, told.wish, op, 2)
        if is_final(reply):
            self.told.append(Told(told.to, told.wish, reply, asked_s, self.world.loop.time()))
            if recorded is not None and recorded == self._recorded(told.to, op):
                self._is_the_same(told.to, op, recorded, reply)

    def _recorded(self, to: Address, op: str) -> Reply | None:
        """The reply that is stored with an operation, for as long as it is."""
        truth = self.world.truths[to.service]
        document = truth.documents.get(to.key)
        remembered = from_stored(document, truth.behaviour).remembered if document else ()
        return next((past.reply for past in remembered if past.op == op), None)

    def _is_the_same(self, to: Address, op: str, recorded: Reply, reply: Reply) -> None:
        """Who repeats himself hears the recorded reply, or that of the order which he was granted.

        A copy that does not know yet what another has stored may refuse, if that was right a moment ago.
        """
        match recorded, reply:
            case Granted(grant=grant), OrderReply(order_id=order_id) if order_id == grant.order_id:
                pass
            case _, Refused() if self.world.has_had_copies(to):
                pass
            case _ if reply != recorded:
                self.world.violated(f"{op} to {to} was answered by {recorded}, and repeated by {reply}")

    async def wish(self, service: str, key: Key, make: Callable[[], Command]) -> Reply | None:
        """Insist, or vanish in the middle of it: then nobody knows, None included."""
        world = self.world
        asking = self.insist(service, key, make())
        if not world.faults.draw(("client vanishes",), "person"):
            return await asking
        try:
            return await asyncio.wait_for(asking, world.chance.between(0.0, 0.3))
        except TimeoutError:
            return None

    async def settle(self, order: Key, service: str, patience_s: float, payment_id: Any = None) -> Reply:
        """Ask for the order once its payment is settled, for so long at the most."""
        to = Address(service=service, key=order)
        return await self._caller.ask(to, OrderSettled(payment_id=payment_id), self.new_op("settled"), patience_s)
