"""One actor in memory: mailbox, turns, deliveries."""

import asyncio
from collections.abc import Callable, Set as AbstractSet
from datetime import datetime

from actors.runtime.clearing import Clearing
from actors.runtime.delivery import Delivery, Transport
from actors.runtime.envelope import Answer, Envelope
from actors.runtime.mailbox import Mailbox
from actors.runtime.memory import Memory
from actors.runtime.message import Address, Key, Message, OutcomeUnknown, Reply, Unanswered
from actors.runtime.snapshot import OutboxEntry, Snapshot
from actors.runtime.tasks import log, spawn
from actors.runtime.turn import Outcome, Turns

ANSWERED_MAX = 4

TURNS_AT_ONCE = 100
"""Turns after which others are looked after: those that refuse from memory do not wait for anything, and thousands may
stand behind a slow commit."""


class Work:
    """What an actor needs while it has something to do; at rest it keeps none of this."""

    __slots__ = ("answered", "deferred", "delivery", "mailbox", "tasks")

    def __init__(self, delivery: Delivery) -> None:
        """Nothing to do yet."""
        self.mailbox = Mailbox()
        self.delivery = delivery
        self.deferred: dict[str, tuple[str, str]] = {}
        """Operations that wait for a subscriber's reply, by outbox entry."""

        self.answered: dict[str, Reply] = {}
        """The newest of those replies, for a caller whose patience ended just before."""

        self.tasks: set[asyncio.Task[None]] = set()


class Actor:
    """Serializes the turns of one actor and delivers what they publish.

    Its work runs in tasks of its own: whoever asked may vanish at any time without tearing a turn.
    """

    __slots__ = ("_changed", "_clearing", "_memory", "_transport", "_turns", "_work", "_working", "key")

    def __init__(
        self,
        key: Key,
        turns: Turns,
        clearing: Clearing,
        transport: Transport,
        changed: Callable[["Actor"], None],
    ) -> None:
        """An actor that loads its snapshot when the first message comes; `changed` hears of every new state."""
        self.key = key
        self._turns = turns
        self._clearing = clearing
        self._transport = transport
        self._changed = changed
        self._memory = Memory()
        self._work: Work | None = None
        self._working = False

    @property
    def snapshot(self) -> Snapshot | None:
        """What it remembers; None while nothing is loaded."""
        return self._memory.snapshot

    @property
    def queued(self) -> int:
        """Messages that wait for their turn."""
        return len(self._work.mailbox) if self._work else 0

    @property
    def undelivered(self) -> int:
        """Outbox entries that somebody has yet to acknowledge."""
        return len(self._work.delivery) if self._work else 0

    @property
    def troubles(self) -> dict[str, str]:
        """Deliveries that fail at present, and why."""
        return self._work.delivery.troubles if self._work else {}

    @property
    def is_idle(self) -> bool:
        """Whether it can leave memory: nothing waits, runs, or is undelivered."""
        if self._working or self._memory.acknowledged:
            return False
        work = self._work
        return work is None or not (len(work.mailbox) or work.mailbox.unanswered or len(work.delivery))

    def submit(self, envelope: Envelope) -> Answer:
        """Take a message. What changes nothing is often answered at once, from memory."""
        if self._work is not None:
            known = self._work.mailbox.joined(envelope.op) or self._work.answered.get(envelope.op)
            if known is not None:
                return known
        if not self._working:
            reply = self._turns.answer_from_memory(self._memory, envelope)
            if reply is not None and not isinstance(reply, Unanswered):
                return reply
        answer = self._at_work().mailbox.put(envelope)
        self._take_up()
        return answer

    def let_go(self, op: str) -> None:
        """Nobody waits for this operation here any more."""
        if self._work is not None:
            self._work.mailbox.let_go(op)

    async def refresh(self) -> None:
        """Look at the stored snapshot, and deliver and arm what it says is due: another copy may have left it.

        Raises:
            Unknown: the store does not answer.
        """
        if self._working:
            return
        self._working = True
        try:
            await self._turns.load(self._memory, self.key)
        finally:
            self._working = False
            self._after_change()
            self._clear()

    def close(self) -> None:
        """Stop at once, whatever is under way; the store knows how to continue."""
        if self._work is not None:
            self._work.delivery.close()
            for task in self._work.tasks:
                task.cancel()

    def _at_work(self) -> Work:
        if self._work is None:
            self._work = Work(Delivery(self._transport, self._acknowledged))
        return self._work

    def _rest(self) -> None:
        """Most actors in memory only wait to be asked: they keep what they know, and nothing else."""
        if self.is_idle:
            self._work = None

    def _take_up(self) -> None:
        if not self._working:
            self._working = True
            spawn(self._take_turns(self._at_work().mailbox), self._at_work().tasks)

    async def _take_turns(self, mailbox: Mailbox) -> None:
        try:
            turns = 0
            while envelope := mailbox.take():
                turns += 1
                if turns % TURNS_AT_ONCE == 0:
                    await asyncio.sleep(0)
                before = self._memory.snapshot
                outcome = await self._turn(envelope)
                self._conclude(envelope, outcome, is_new=self._memory.snapshot is not before)
        finally:
            self._working = False
        self._clear()
        self._rest()

    async def _turn(self, envelope: Envelope) -> Outcome:
        try:
            return await self._turns.take(self._memory, self.key, envelope)
        except Exception as defect:  # noqa: BLE001  one bad message must not stop the mailbox; its sender hears why
            self._memory.forget()
            return Outcome(OutcomeUnknown.after(defect))

    def _conclude(self, envelope: Envelope, outcome: Outcome, *, is_new: bool) -> None:
        """What follows from a turn: a defect in that must not stop the mailbox either, nor leave who asked waiting."""
        try:
            if is_new:
                self._after_change()
            self._settle(envelope, outcome)
        except Exception as defect:  # noqa: BLE001  see above
            log.exception("nothing follows from a turn of %s", envelope.to)
            self._memory.forget()
            self._at_work().mailbox.answer(envelope.op, OutcomeUnknown.after(defect))

    def _settle(self, envelope: Envelope, outcome: Outcome) -> None:
        """Reply now, or when the awaited subscriber has replied, or when the state has changed."""
        work = self._at_work()
        if isinstance(outcome.reply, Unanswered):
            work.mailbox.hold(envelope)
            return
        entry = self._entry_for(outcome.reply_from)
        if entry is not None and outcome.reply_from is not None:
            work.deferred[entry.id] = (envelope.op, outcome.reply_from)
        else:
            work.mailbox.answer(envelope.op, outcome.reply)

    def _entry_for(self, service: str | None) -> OutboxEntry | None:
        """The newest outbox entry that is on its way to `service`."""
        if service is None or self._memory.snapshot is None:
            return None
        entries = reversed(self._memory.snapshot.outbox)
        return next((e for e in entries if any(a.service == service for a in e.message.addressees())), None)

    def _after_change(self) -> None:
        """A new state is in memory: deliver its outbox, ask held questions again, let the supervisor know."""
        snapshot, work = self._memory.snapshot, self._work
        if snapshot is not None:
            if snapshot.outbox:
                work = self._at_work()
                work.delivery.take(snapshot.outbox)
            if work is not None:
                work.mailbox.ask_again()
            self._changed(self)
        if work is not None and len(work.mailbox):
            self._take_up()

    def _acknowledged(self, entry: OutboxEntry, address: Address, reply: Reply) -> None:
        """An addressee has taken an entry."""
        work = self._at_work()
        op, service = work.deferred.get(entry.id, ("", ""))
        if address.service == service:
            del work.deferred[entry.id]
            work.mailbox.answer(op, reply)
            work.answered[op] = reply
            if len(work.answered) > ANSWERED_MAX:
                del work.answered[next(iter(work.answered))]
        if work.delivery.is_complete(entry):
            self._memory.acknowledged |= {entry.id}
            if self._memory.snapshot is not None:
                self._memory.snapshot = self._memory.snapshot.without({entry.id})
            self._clear()

    def _clear(self) -> None:
        """Have what is acknowledged taken out of the stored outbox."""
        if self._memory.acknowledged and not self._working:
            self._clearing.want(self)

    @property
    def acknowledged(self) -> frozenset[str]:
        """What can be taken out of the stored outbox; nothing during a turn, which takes it along or asks for it."""
        return frozenset() if self._working else self._memory.acknowledged

    def cleared(self, entries: AbstractSet[str]) -> None:
        """They are taken out."""
        self._memory.acknowledged -= entries
        self._clear()
        self._rest()

    def due(self) -> datetime | None:
        """When it wants to be woken; None for never or while nothing is loaded."""
        return self._turns.behaviour.due(self.snapshot.state) if self.snapshot else None

    def tell(self, op: str, message: Message) -> Answer:
        """Submit a message from the actor's own timer or task."""
        return self.submit(Envelope(Address(service=self._turns.behaviour.service, key=self.key), op, message))
