"""One turn: recall, decide, commit. The state of an actor changes here and nowhere else."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actors.runtime.behaviour import Behaviour
from actors.runtime.clock import Clock, steady_s
from actors.runtime.envelope import Envelope
from actors.runtime.lease import Lessor
from actors.runtime.memory import Memory
from actors.runtime.message import Decision, Event, Key, OutcomeUnknown, Refused, Reply
from actors.runtime.read_ahead import ReadAhead
from actors.runtime.snapshot import Snapshot
from actors.runtime.store import Conflict, Store, Unknown
from actors.runtime.vouching import Vouching

TRIES_MAX = 12
"""How often one turn decides anew, after conflicts and unknown outcomes, before it says that it does not know."""

TURN_MAX_S = 15.0
"""After so long no further try is begun, for the rest of the mailbox waits behind it; one that is under way lasts as
long as the store's own time-outs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a turn."""

    reply: Reply
    reply_from: str | None = None
    """The caller waits for this service's reply to the turn's event, rather than for `reply`."""


class Turns:
    """Takes turns for the actors of one service: knows the rules, the store and the clock, remembers nothing itself."""

    def __init__(
        self,
        behaviour: Behaviour,
        store: Store,
        clock: Clock,
        lessor: Lessor | None = None,
        ahead: ReadAhead | None = None,
    ) -> None:
        """Run `behaviour` on what `store` holds; `lessor` leases refusals, `ahead` reads ahead, if anybody does."""
        self.behaviour = behaviour
        self._store = store
        self._clock = clock
        self._vouching = lessor.vouching if lessor else Vouching(store)
        self._lessor = lessor
        self._ahead = ahead

    def answer_from_memory(self, memory: Memory, envelope: Envelope) -> Reply | None:
        """The fast path: the answer to what changes nothing, if memory alone may give it.

        A refusal to a person may rest on memory that was checked a moment ago.
        """
        snapshot = memory.snapshot
        if snapshot is None or _must_be_fresh(envelope):
            return None
        if (recalled := snapshot.recall(envelope.op)) is not None:
            return recalled
        if not memory.is_trusted(steady_s()):
            return None
        decision = self.behaviour.decide(snapshot.state, envelope.message, self._clock.now())
        if decision.changes(snapshot.state):
            return None
        return self._kept_right(decision.reply, snapshot, memory, envelope)

    async def take(self, memory: Memory, key: Key, envelope: Envelope) -> Outcome:
        """The whole way: load if needed, decide, commit; again after a conflict or an unknown outcome."""
        doubt = "this actor is written by several copies at once"
        ends_s = steady_s() + TURN_MAX_S
        if memory.snapshot is None and self._ahead is not None and not envelope.message.brings_into_being:
            memory.snapshot = self._ahead.take(key)
        for tries in range(TRIES_MAX):
            if steady_s() > ends_s:
                break
            try:
                return await self._try(memory, key, envelope, may_guess=tries == 0)
            except Conflict:
                pass  # what was decided on is stale: below it is forgotten
            except Unknown as error:
                doubt = str(error)
                await asyncio.sleep(min(0.01 * 2**tries, 1.0))
            memory.forget()
        return Outcome(OutcomeUnknown(reason=doubt))

    async def _try(self, memory: Memory, key: Key, envelope: Envelope, may_guess: bool) -> Outcome:
        """Recall, decide, commit.

        Raises:
            Conflict: it was decided on what is not stored, and nothing came of it.
            Unknown: see `Store`.
        """
        snapshot = memory.snapshot
        fresh = snapshot is None
        guessed = fresh and may_guess and envelope.message.brings_into_being
        if guessed:
            snapshot = self._unborn(key)
        elif snapshot is None:
            snapshot = await self.load(memory, key)
        if (recalled := snapshot.recall(envelope.op)) is not None:
            return Outcome(recalled)
        now = self._clock.now()
        decision = self.behaviour.decide(snapshot.state, envelope.message, now)
        if decision.changes(snapshot.state):
            await self._commit(memory, snapshot, decision, envelope.op, now)
            self._tell_others(decision.to_others, memory, envelope)
            return Outcome(decision.reply, decision.reply_from)
        if not guessed and (fresh or await self._still_holds(memory, snapshot, envelope)):
            return Outcome(self._kept_right(decision.reply, snapshot, memory, envelope))
        raise Conflict(f"what is known of {key} is not what is stored")

    def _kept_right(self, reply: Reply, snapshot: Snapshot, memory: Memory, envelope: Envelope) -> Reply:
        """What others will hear, too, while this actor is in demand: leased, or at least vouched for.

        Not what does not exist, for there is no end of that; nor is leased what a slow read has made old already.
        """
        if _must_be_fresh(envelope) or not snapshot.state.exists:
            return reply
        now_s = steady_s()
        lessor = self._lessor if envelope.message.may_be_leased and memory.is_trusted(now_s) else None
        if lessor and isinstance(reply, Refused):
            return lessor.grant(snapshot.key, reply, memory)
        self._vouching.want(snapshot.key, memory, now_s)
        return reply

    def _tell_others(self, refusal: Refused | None, memory: Memory, envelope: Envelope) -> None:
        """Lease what a change refuses from now on to those who would ask next: a rush refuses what it just granted."""
        if self._lessor is not None and refusal is not None and memory.is_trusted(steady_s()):
            self._lessor.share(envelope.to.key, type(envelope.message), refusal, memory)

    async def load(self, memory: Memory, key: Key) -> Snapshot:
        """Read the snapshot, or the empty one, into memory.

        Raises:
            Unknown: the store does not answer.
        """
        asked_s = steady_s()
        stored = await self._store.load(key) or self._unborn(key)
        memory.acknowledged &= {entry.id for entry in stored.outbox}
        snapshot = stored.without(memory.acknowledged)
        memory.learn(snapshot, asked_s)
        return snapshot

    def _unborn(self, key: Key) -> Snapshot:
        return Snapshot(key, self.behaviour.empty(key))

    async def _commit(
        self, memory: Memory, snapshot: Snapshot, decision: Decision[Any], op: str, now: datetime
    ) -> None:
        """Write the change, or remove what is over; what was acknowledged by now leaves the outbox with it."""
        begun_s, cleared = steady_s(), memory.acknowledged
        if self._lessor is not None:
            await self._lessor.end(snapshot.key)
        if decision.over:
            new = self._unborn(snapshot.key)
            assert not snapshot.without(cleared).outbox, f"{snapshot.key} is over and still has something to say"
            await self._store.remove(snapshot.key, snapshot.version)
        else:
            new = snapshot.without(cleared).after(decision, op, self.behaviour.service, now)
            await self._store.commit(new, self.behaviour.due(new.state))
        if self._ahead is not None:
            self._ahead.drop(snapshot.key)
        memory.acknowledged -= cleared
        memory.learn(new.without(memory.acknowledged), begun_s)

    async def _still_holds(self, memory: Memory, snapshot: Snapshot, envelope: Envelope) -> bool:
        """Whether what was decided on a remembered snapshot, and changes nothing, is still right: ask where in doubt.

        Raises:
            Unknown: the store does not answer.
        """
        asked_s = steady_s()
        if memory.is_trusted(asked_s) and not _must_be_fresh(envelope):
            return True
        [version] = await self._store.versions_of([snapshot.key])
        memory.confirm(version, asked_s)
        return version == snapshot.version


def _must_be_fresh(envelope: Envelope) -> bool:
    """Whether an answer that changes nothing needs a fresh read: events, and commands that come from an outbox.

    The answer takes them out of that outbox: on the word of a stale copy they would be lost.
    """
    return isinstance(envelope.message, Event) or bool(envelope.message.addressees())
