"""The records of keyed requests: one document per user and key, kept for 24 hours."""

import asyncio
from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace
from pymongo import WriteConcern
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference

from actors.runtime.clock import Clock
from actors.runtime.codec import Document
from serve_app.answers import Answer
from serve_app.operation import Operation
from serve_app.refusals import OVERLOADED, ApiError

COLLECTION = "idempotency"
KEPT_S = 24 * 3600
CLAIM = timedelta(seconds=60)
"""How long an unfinished claim keeps other requests away from its key; longer than any request takes."""

PUT_TRIES = 6
FIRST_PAUSE_S = 0.02
"""Seconds before looking again for an entry that is in the way but not a majority's yet; doubles every time."""

WRITE_MS_MAX = 5_000


class Entry(Struct, frozen=True, kw_only=True):
    """What is known under one key: a claim, and once `status` is there, the answer."""

    key: str
    fingerprint: str
    owner: str
    """Tells this writing of the entry from every other."""

    created_at: datetime
    status: int | None = None
    body: bytes = b""

    @classmethod
    def new(cls, operation: Operation, now: datetime, answer: Answer | None = None) -> Self:
        """An entry for `operation`: finished with `answer`, or a claim."""
        assert operation.key is not None, "only keyed requests are recorded"
        return cls(
            key=operation.key,
            fingerprint=operation.fingerprint,
            owner=uuid4().hex,
            created_at=now,
            status=answer.status if answer else None,
            body=answer.content if answer else b"",
        )

    def is_abandoned(self, now: datetime) -> bool:
        """Whether it is a claim that nobody finished in time."""
        return self.status is None and now - self.created_at > CLAIM


class Ledger:
    """Reads and writes entries; every write is journaled by a majority before it counts."""

    def __init__(self, database: AsyncDatabase[Document], clock: Clock) -> None:
        """Keep entries in `database`."""
        self._clock = clock
        self._entries = database.get_collection(
            COLLECTION,
            read_preference=ReadPreference.PRIMARY,
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern("majority", wtimeout=WRITE_MS_MAX, j=True),
        )

    def entry(self, operation: Operation, answer: Answer | None = None) -> Entry:
        """A new entry, not stored yet."""
        return Entry.new(operation, self._clock.now(), answer)

    async def find(self, operation: Operation) -> Entry | None:
        """The entry in force under the operation's key; an abandoned claim is not in force any more."""
        document = await self._entries.find_one({"_id": operation.key})
        entry = _entry(document) if document else None
        return None if entry is None or entry.is_abandoned(self._clock.now()) else entry

    async def put(self, new: Entry) -> Entry | None:
        """Store `new` unless the key is taken; then the entry that has it.

        Raises:
            ApiError: the key changes hands so fast that no entry could be read (`overloaded`).
        """
        for n in range(PUT_TRIES):
            try:
                await self._entries.insert_one(_document(new))
                return None
            except DuplicateKeyError:
                stored = await self._entries.find_one({"_id": new.key})
            if stored is None:  # withdrawn in between, or not a majority's yet
                await asyncio.sleep(FIRST_PAUSE_S * 2**n)
                continue
            known = _entry(stored)
            if not known.is_abandoned(self._clock.now()):
                return known
            await self._entries.delete_one(_unfinished(known))
        raise ApiError(OVERLOADED)

    async def finish(self, claim: Entry, answer: Answer) -> Entry | None:
        """Write the answer into a claim; if somebody else was faster, the entry that has the key.

        Where the claim is gone, withdrawn or taken over, the answer is put down anew: its effect is there.

        Raises:
            ApiError: see `put`.
        """
        finished = replace(claim, status=answer.status, body=answer.content, created_at=self._clock.now())
        result = await self._entries.replace_one(_unfinished(claim), _document(finished))
        return None if result.matched_count else await self.put(replace(finished, owner=uuid4().hex))

    async def withdraw(self, claim: Entry) -> None:
        """Take back an unfinished claim: its request was refused, and refusals are not remembered."""
        await self._entries.delete_one(_unfinished(claim))


def _unfinished(entry: Entry) -> Document:
    return {"_id": entry.key, "owner": entry.owner, "status": {"$exists": False}}


def _document(entry: Entry) -> Document:
    document: Document = {
        "_id": entry.key,
        "fingerprint": entry.fingerprint,
        "owner": entry.owner,
        "createdAt": entry.created_at,
    }
    return document if entry.status is None else document | {"status": entry.status, "body": entry.body}


def _entry(document: Document) -> Entry:
    return Entry(
        key=document["_id"],
        fingerprint=document["fingerprint"],
        owner=document["owner"],
        created_at=document["createdAt"],
        status=document.get("status"),
        body=document.get("body", b""),
    )
