"""What must hold at every moment, checked at every change of the stores and at every acknowledgement."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from actors.contract import (
    EXPIRATION,
    ORDERS,
    PAYMENTS,
    TICKETS,
    Address,
    Event,
    Key,
    OrderCancelled,
    OrderCreated,
    OutcomeUnknown,
    PaymentRefunded,
    PaymentRefundFailed,
    Reply,
)
from actors.runtime.codec import Document, message_from_document
from actors.runtime.envelope import Envelope, is_final
from actors.runtime.snapshot import from_stored

from .money_guard import MoneyGuard
from .truth import Truth

if TYPE_CHECKING:
    from .process import Process
    from .world import World

LIVE = ("created", "awaiting:payment", "complete")
LATE_MAX = timedelta(seconds=10)
"""How long after its deadline an order may hear of it where nothing goes wrong any more."""

ENTRY = re.compile(r"(.+/.+)/(\d+)\.(\d+)")
"""The id of an outbox entry: who publishes it, with which version, and its place among those of that version."""

DEFECTS = ("AssertionError", "TypeError", "AttributeError", "KeyError", "ValidationError")


class Guard:
    """Looks on, and ends the schedule at the first thing that must not be."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.money = MoneyGuard(world)
        self._live: dict[Any, dict[Any, None]] = {}
        """The live orders of each ticket."""

        self._taken: set[tuple[str, Key, str]] = set()
        """Messages whose addressee has said that it took them."""

        self._newest: dict[tuple[Address, str], tuple[int, int]] = {}
        """The version and place of the newest entry that an addressee has taken from a publisher."""

    def changed(self, truth: Truth, before: Document | None, after: Document | None) -> None:
        """A document was written, or removed."""
        if after is None:
            assert before is not None, "nothing was removed"
            self._removed(truth, before)
            return
        self._outbox(truth, before, after)
        if truth.service == TICKETS:
            self._order_exists(after)
        if before is not None and before["version"] == after["version"]:
            return
        version = before["version"] if before else -1
        if after["version"] != version + 1:
            self._world.violated(f"{truth.service}/{after['_id']} went from version {version} to {after['version']}")
        if truth.service == TICKETS:
            self._hold_number(before, after)
        elif truth.service == ORDERS:
            self._one_live_order(after)
            self._hears_in_time(before, after)
        elif truth.service == PAYMENTS:
            self.money.stored(before, after)

    def _removed(self, truth: Truth, document: Document) -> None:
        """Only timers are ever removed, and only those that nobody needs any more."""
        if truth.service != EXPIRATION:
            self._world.violated(f"{truth.service}/{document['_id']} was removed")
        elif not self._has_heard(document["_id"]):
            self._world.violated(f"the timer of order {document['_id']} was removed, and the order is open")

    def _has_heard(self, order_id: Any) -> bool:
        """Whether an order needs no timer any more: it is over, or about to be."""
        order = self._world.truths[ORDERS].documents.get(order_id)
        return order is not None and (order["status"] in ("complete", "cancelled") or bool(order.get("stopping")))

    def _outbox(self, truth: Truth, before: Document | None, after: Document) -> None:
        """What left the outbox was taken by all whom it is for."""
        left = {entry["id"] for entry in after.get("outbox", ())}
        for entry in before.get("outbox", ()) if before else ():
            if entry["id"] not in left:
                for to in message_from_document(entry["message"]).addressees():
                    if (to.service, to.key, entry["id"]) not in self._taken:
                        self._world.violated(f"{entry['id']} was forgotten before {to} took it")

    def _order_exists(self, ticket: Document) -> None:
        """A ticket that has nothing to say any more knows by that that its holder's order exists."""
        held = ticket.get("hold")
        if held and not ticket.get("outbox") and held["orderId"] not in self._world.truths[ORDERS].documents:
            self._world.violated(f"ticket {ticket['_id']} has forgotten to tell {held['orderId']} of its grant")

    def _hold_number(self, before: Document | None, after: Document) -> None:
        step = after["holdNumber"] - (before["holdNumber"] if before else 0)
        if step not in (0, 1):
            self._world.violated(f"the hold number of ticket {after['_id']} moved by {step}")

    def _one_live_order(self, order: Document) -> None:
        live = self._live.setdefault(order["ticket"]["id"], {})
        if order["status"] in LIVE:
            live[order["_id"]] = None
        else:
            live.pop(order["_id"], None)
        if len(live) > 1:
            self._world.violated(f"ticket {order['ticket']['id']} has live orders {list(map(str, live))}")

    def _hears_in_time(self, before: Document | None, after: Document) -> None:
        """Nobody loses his ticket to a timer before his time is over, or keeps it for long afterwards."""
        if before is None or not _has_heard_its_timer(before, after):
            return
        world, now, expires_at = self._world, self._world.clock.now(), after["expiresAt"]
        is_news, healed_at = not before.get("stopping"), world.healed_at
        is_late = is_news and healed_at is not None and now > max(expires_at, healed_at) + LATE_MAX
        if now < expires_at or is_late:
            world.violated(f"order {after['_id']} expired at {now}, and had until {expires_at}")

    def answered(self, process: "Process", batch: Sequence[Envelope], replies: Sequence[Reply]) -> None:
        """A process has answered these messages."""
        for envelope, reply in zip(batch, replies, strict=True):
            if is_final(reply):
                self._took(envelope)
                self._acknowledged(process, envelope)
            elif isinstance(reply, OutcomeUnknown) and reply.reason.startswith(DEFECTS):
                self._world.violated(f"{envelope.message} to {envelope.to} failed: {reply.reason}")

    def _took(self, envelope: Envelope) -> None:
        """What one actor publishes comes to another in order, repeats aside."""
        to, op = envelope.to, envelope.op
        entry = ENTRY.fullmatch(op)
        if entry and (to.service, to.key, op) not in self._taken:
            lane, place = (to, entry[1]), (int(entry[2]), int(entry[3]))
            if place < self._newest.get(lane, place):
                self._world.violated(f"{to} took {op} after a later one, {self._newest[lane]}")
            self._newest[lane] = place
        self._taken.add((to.service, to.key, op))

    def _acknowledged(self, process: "Process", envelope: Envelope) -> None:
        """An acknowledged event has changed what it had to: saying it again would change nothing."""
        to, message = envelope.to, envelope.message
        if to.service not in (TICKETS, ORDERS, EXPIRATION) or not isinstance(message, Event):
            return
        if isinstance(message, PaymentRefundFailed):  # of an earlier round; only its operation id tells
            return
        if isinstance(message, PaymentRefunded) and self.money.has_come_back(to.key):  # the same
            return
        if isinstance(message, OrderCreated) and self._has_heard(to.key):  # the timer may be forgotten already
            return
        truth, now = self._world.truths[to.service], self._world.clock.now()
        document = truth.documents.get(to.key)
        state = from_stored(document, truth.behaviour).state if document else truth.behaviour.empty(to.key)
        if truth.behaviour.decide(state, message, now).changes(state):
            self._world.violated(f"{process.name} acknowledged {envelope.op} to {to}, which is not stored")


def _has_heard_its_timer(before: Document, after: Document) -> bool:
    """Whether an order ends, or stops paying, because its time is over."""
    known = {entry["id"] for entry in before.get("outbox", ())}
    said = [message_from_document(each["message"]) for each in after.get("outbox", ()) if each["id"] not in known]
    return after.get("stopping") == "expired" or any(isinstance(each, OrderCancelled) and each.rang for each in said)
