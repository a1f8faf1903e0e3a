"""An actor at rest: its state, what it has not yet said, and the answers it remembers."""

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from actors.runtime.behaviour import Behaviour
from actors.runtime.codec import Document, from_document, message_from_document, to_document
from actors.runtime.message import Decision, Key, Message, Reply, State
from actors.runtime.partition import slot_of

REMEMBERED_MAX = 8
"""Operations whose replies a snapshot keeps, newest last. Enough for repeats in flight; rules do not rest on it."""


class OutboxEntry(Struct, frozen=True, gc=False):
    """One event or command that is not yet acknowledged by everyone it is for."""

    id: str
    """`service/key/version.n`: who published it with which version; also the operation id it is delivered under."""

    at: datetime
    message: Message


class Remembered(Struct, frozen=True, gc=False):
    """The answer to an operation that changed something."""

    op: str
    reply: Reply


class Snapshot(Struct, frozen=True, gc=False):
    """An actor as one document."""

    key: Key
    state: Any
    outbox: tuple[OutboxEntry, ...] = ()
    remembered: tuple[Remembered, ...] = ()

    @property
    def version(self) -> int:
        """The version of the state."""
        version: int = self.state.version
        return version

    def recall(self, op: str) -> Reply | None:
        """The recorded reply to the operation `op`, if it is still remembered."""
        return next((past.reply for past in self.remembered if past.op == op), None)

    def after(self, decision: Decision[State], op: str, service: str, now: datetime) -> "Snapshot":
        """The snapshot that commits `decision`; its newest outbox entries are the decision's messages."""
        assert decision.state.version == self.version + 1, "a change makes exactly one version"
        news = tuple(
            OutboxEntry(id=f"{service}/{self.key}/{decision.state.version}.{n}", at=now, message=message)
            for n, message in enumerate(decision.events)
            if message.addressees()
        )
        remembered = (*self.remembered, Remembered(op, decision.reply))[-REMEMBERED_MAX:]
        return Snapshot(self.key, decision.state, self.outbox + news, remembered)

    def without(self, entries: AbstractSet[str]) -> "Snapshot":
        """The snapshot with these outbox entries gone."""
        if not entries:
            return self
        return replace(self, outbox=tuple(entry for entry in self.outbox if entry.id not in entries))


def to_stored(snapshot: Snapshot, due: datetime | None) -> Document:
    """The snapshot as its document; `due` is stored beside it so that a scan finds who wants to be woken."""
    document = to_document(snapshot.state)
    document["slot"] = slot_of(snapshot.key)
    if due is not None:
        document["due"] = due
    if snapshot.outbox:
        document["outbox"] = [
            {"id": entry.id, "at": entry.at, "message": to_document(entry.message)} for entry in snapshot.outbox
        ]
    document["remembered"] = [{"op": past.op, "reply": to_document(past.reply)} for past in snapshot.remembered]
    return document


def from_stored(document: Document, behaviour: Behaviour) -> Snapshot:
    """The snapshot in a document."""
    return Snapshot(
        key=document["_id"],
        state=from_document(document, behaviour.state_type),
        outbox=tuple(
            OutboxEntry(entry["id"], entry["at"], message_from_document(entry["message"]))
            for entry in document.get("outbox", ())
        ),
        remembered=tuple(Remembered(past["op"], _reply(past["reply"])) for past in document.get("remembered", ())),
    )


def _reply(document: Document) -> Reply:
    reply = message_from_document(document)
    assert isinstance(reply, Reply), f"{document['type']} is not a reply"
    return reply
