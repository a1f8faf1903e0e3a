"""Known bugs, each planted in a line or two: a simulation that does not find them proves nothing.

Those marked "was real" were in the runtime once, and the simulation or its author found them.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from actors import alarm, order, order_late_money, order_state, ticket
from actors.contract import Decision, OrderCancelled, OrderCreated, OrderEnded
from actors.expiration import ExpirationBehaviour
from actors.gateway.intents import Intents
from actors.runtime import delivery, turn
from actors.runtime.actor import Actor
from actors.runtime.clock import steady_s
from actors.runtime.coalescer import Coalescer
from actors.runtime.delivery import Delivery
from actors.runtime.lease import Lessor
from actors.runtime.memory import Memory
from actors.runtime.memory_store import MemoryStore
from actors.runtime.message import Overloaded, Unanswered
from actors.runtime.snapshot import Snapshot, to_stored
from actors.runtime.store import Unknown
from actors.runtime.tasks import own, spawn
from actors.runtime.turn import Turns
from actors.runtime.watch import Watch

Plant = Callable[[pytest.MonkeyPatch], None]


def commit_without_condition(patch: pytest.MonkeyPatch) -> None:
    """The store writes whatever comes, whichever version is there."""

    async def commit(self: MemoryStore, snapshot: Any, due: Any) -> None:
        self.documents[snapshot.key] = to_stored(snapshot, due)

    patch.setattr(MemoryStore, "commit", commit)


def retry_the_write(patch: pytest.MonkeyPatch) -> None:
    """A conflict is answered by writing the old decision once more, as the next version."""

    async def commit(self: MemoryStore, snapshot: Any, due: Any) -> None:
        document = to_stored(snapshot, due)
        stored = self.documents.get(snapshot.key)
        self.documents[snapshot.key] = document | {"version": stored["version"] + 1 if stored else 0}

    patch.setattr(MemoryStore, "commit", commit)


def events_rest_on_memory(patch: pytest.MonkeyPatch) -> None:
    """An event that changes nothing is acknowledged on the word of memory."""
    patch.setattr(turn, "_must_be_fresh", lambda envelope: False)


def release_any_hold(patch: pytest.MonkeyPatch) -> None:
    """A ticket goes back on sale when any order that ever held it is cancelled."""

    def release(state: ticket.Ticket, event: Any) -> Decision[ticket.Ticket]:
        return Decision(state.next(hold=None, sold=False)) if state.hold else Decision(state)

    patch.setattr(ticket, "release", release)


def hold_numbers_are_ignored(patch: pytest.MonkeyPatch) -> None:
    """An order's word counts for its ticket whichever of its holds it speaks of."""

    def is_current(state: ticket.Ticket, event: Any) -> bool:
        return state.hold is not None and state.hold.order_id == event.order_id

    patch.setattr(ticket, "is_current", is_current)


def timers_are_not_told(patch: pytest.MonkeyPatch) -> None:
    """Nobody hears that an order was created."""
    patch.setattr(OrderCreated, "addressees", lambda event: ())


def timers_do_not_wait(patch: pytest.MonkeyPatch) -> None:
    """A timer is forgotten once its order was told, whether or not it heard."""
    patch.setattr(alarm, "is_final", lambda reply: True)


def timers_ring_late(patch: pytest.MonkeyPatch) -> None:
    """An order's ticket is kept from others for a minute more than it has to pay."""

    def due(self: ExpirationBehaviour, state: Any) -> Any:
        return state.expires_at and state.expires_at + timedelta(minutes=1)

    patch.setattr(ExpirationBehaviour, "due", due)


def payments_are_not_told(patch: pytest.MonkeyPatch) -> None:
    """A payment does not hear that its order is over."""
    patch.setattr(OrderCancelled, "addressees", OrderEnded.addressees)


def payments_are_always_told(patch: pytest.MonkeyPatch) -> None:
    """Payments hear of the end of orders that nobody has tried to pay."""
    original = order.cancelled
    patch.setattr(order_state, "cancelled", lambda state, **said: replace(original(state, **said), attempted=True))


def clear_before_delivery(patch: pytest.MonkeyPatch) -> None:
    """What is on its way counts as delivered."""
    original = Actor._after_change

    def after_change(self: Actor) -> None:
        original(self)
        if self._memory.snapshot is not None:
            self._memory.acknowledged |= {entry.id for entry in self._memory.snapshot.outbox}

    patch.setattr(Actor, "_after_change", after_change)


def entries_overtake(patch: pytest.MonkeyPatch) -> None:
    """An entry leaves though nobody knows yet whether the one before it has arrived."""

    async def deliver(self: Delivery, address: Any, entry: Any) -> None:
        reply = await self._deliver(address, entry)
        self._left[entry.id] -= 1
        if not self._left[entry.id]:
            del self._left[entry.id]
        self._acknowledged(entry, address, reply)

    def queue(self: Delivery, address: Any, entry: Any) -> None:
        spawn(deliver(self, address, entry), self._tasks)

    patch.setattr(Delivery, "_queue", queue)


def nothing_is_recalled(patch: pytest.MonkeyPatch) -> None:
    """Whoever repeats himself is heard anew."""
    patch.setattr(Snapshot, "recall", lambda snapshot, op: None)


def reply_before_commit(patch: pytest.MonkeyPatch) -> None:
    """The reply leaves while the write is still under way."""
    original = Turns._commit

    async def commit(self: Turns, memory: Any, snapshot: Any, decision: Any, op: str, now: Any) -> None:
        if decision.over:
            await original(self, memory, snapshot, decision, op, now)
            return
        own(asyncio.wait_for(original(self, Memory(), snapshot, decision, op, now), 60)).add_done_callback(
            lambda done: done.cancelled() or done.exception()
        )
        memory.learn(snapshot.after(decision, op, self.behaviour.service, now), steady_s())

    patch.setattr(Turns, "_commit", commit)


def unknown_is_done(patch: pytest.MonkeyPatch) -> None:
    """A write without an answer is taken for written, and nothing is loaded again."""

    original = Turns._commit

    async def commit(self: Turns, memory: Any, snapshot: Any, decision: Any, op: str, now: Any) -> None:
        if decision.over:
            await original(self, memory, snapshot, decision, op, now)
            return
        new = snapshot.after(decision, op, self.behaviour.service, now)
        with suppress(Unknown):
            await self._store.commit(new, self.behaviour.due(new.state))
        memory.learn(new, steady_s())

    patch.setattr(Turns, "_commit", commit)


def silence_is_consent(patch: pytest.MonkeyPatch) -> None:
    """A delivery that was not answered counts as made."""
    patch.setattr(delivery, "is_final", lambda reply: not isinstance(reply, Unanswered | Overloaded))


def nobody_looks(patch: pytest.MonkeyPatch) -> None:
    """Outboxes and deadlines that another copy has left are nobody's business."""

    async def look(self: Watch, patience: Any) -> None:
        return

    patch.setattr(Watch, "look", look)


def refresh_strands_acknowledgements(patch: pytest.MonkeyPatch) -> None:
    """What is acknowledged during a look at the store never leaves the outbox. Was real."""

    async def refresh(self: Actor) -> None:
        if self._working:
            return
        self._working = True
        try:
            await self._turns.load(self._memory, self.key)
        finally:
            self._working = False
            self._after_change()

    patch.setattr(Actor, "refresh", refresh)


def pumps_leave_late(patch: pytest.MonkeyPatch) -> None:
    """A batch that is over still counts as under way when the next request comes. Was real."""

    def submit(self: Coalescer[Any, Any], item: Any) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if len(self._pumps) < self._in_flight_max:
            spawn(self._pump(), self._pumps)
        return future

    patch.setattr(Coalescer, "submit", submit)


def expiry_guesses(patch: pytest.MonkeyPatch) -> None:
    """An order expires without a word from Stripe, whether or not money is on its way."""

    def expire(state: order.Order) -> Decision[order.Order]:
        return order.end(state) if state.status in ("created", "awaiting:payment") else Decision(state)

    def complete(state: order.Order, event: Any) -> Decision[order.Order]:
        return order_late_money.complete(state, event) if state.status != "cancelled" else Decision(state)

    patch.setattr(order, "expire", expire)
    patch.setattr(order, "complete", complete)


def cancel_under_one_key(patch: pytest.MonkeyPatch) -> None:
    """Cancelling an intent is tried under one idempotency key for ever. Was real."""
    original = Intents.close

    async def close(self: Intents, attempt: Any) -> Any:
        keyed = {"idempotency_key": f"{attempt.stripe_id}:cancel"}
        bound = self._intents.cancel_async
        self._intents.cancel_async = lambda intent_id: bound(intent_id, options=keyed)
        try:
            return await original(self, attempt)
        finally:
            del self._intents.cancel_async

    patch.setattr(Intents, "close", close)


def changes_wait_for_no_lease(patch: pytest.MonkeyPatch) -> None:
    """An actor changes while others still refuse in its name."""

    async def end(self: Lessor, key: Any) -> None:
        self._out.pop(key, None)

    patch.setattr(Lessor, "end", end)


MUTATIONS: Mapping[str, Plant] = {
    plant.__name__: plant
    for plant in (
        commit_without_condition,
        retry_the_write,
        events_rest_on_memory,
        release_any_hold,
        hold_numbers_are_ignored,
        timers_are_not_told,
        timers_do_not_wait,
        timers_ring_late,
        payments_are_not_told,
        payments_are_always_told,
        clear_before_delivery,
        entries_overtake,
        nothing_is_recalled,
        reply_before_commit,
        unknown_is_done,
        silence_is_consent,
        nobody_looks,
        refresh_strands_acknowledgements,
        pumps_leave_late,
        expiry_guesses,
        cancel_under_one_key,
        changes_wait_for_no_lease,
    )
}
