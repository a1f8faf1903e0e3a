"""Snapshots in MongoDB: conditional writes in groups, majority reads in groups."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ReplaceOne, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from actors.runtime.behaviour import Behaviour
from actors.runtime.coalescer import Coalescer, QueueFull
from actors.runtime.codec import Document
from actors.runtime.message import Key
from actors.runtime.snapshot import Snapshot, from_stored, to_stored
from actors.runtime.store import Conflict, Due, Owed, Unknown

Write = ReplaceOne[Document] | UpdateOne

DUPLICATE_KEY = 11000
DURABLE = WriteConcern(w="majority", j=True, wtimeout=10_000)


class MongoStore:
    """Snapshots of one service, in the collection of its name."""

    def __init__(self, database: AsyncDatabase[Document], behaviour: Behaviour) -> None:
        """Keep the snapshots of `behaviour`'s actors in `database`; its client must be `tz_aware`."""
        self._behaviour = behaviour
        self._collection: AsyncCollection[Document] = database.get_collection(
            behaviour.service, read_concern=ReadConcern("majority"), write_concern=DURABLE
        )
        self._writes: Coalescer[Write, None] = Coalescer(self._write, batch_max=500)
        self._reads: Coalescer[Key, Document | None] = Coalescer(self._read, batch_max=500)

    async def load(self, key: Key) -> Snapshot | None:
        """The snapshot of one actor, None if there never was one."""
        try:
            document = await self._reads.submit(key)
        except (PyMongoError, QueueFull) as error:
            raise Unknown(str(error)) from error
        return from_stored(document, self._behaviour) if document else None

    async def commit(self, snapshot: Snapshot, due: datetime | None) -> None:
        """Store `snapshot` if the one before it is still the stored one.

        The filter matches the version before; where it matches nothing the upsert inserts, and for an actor that
        is stored at another version that is a duplicate `_id`: the conflict.
        """
        condition = {"_id": snapshot.key, "version": snapshot.version - 1}
        await self._submit(ReplaceOne(condition, to_stored(snapshot, due), upsert=True))

    async def clear(self, key: Key, entries: Sequence[str]) -> None:
        """Take acknowledged entries out of an outbox."""
        pull = {"$pull": {"outbox": {"id": {"$in": list(entries)}}}}
        await self._submit(UpdateOne({"_id": key}, pull))

    async def owed(self, slots: range, before: datetime, limit: int) -> list[Owed]:
        """Up to `limit` snapshots in `slots` with an outbox entry older than `before`, oldest first."""
        found = await self._scan("outbox.at", slots, before, limit, {"version": 1})
        return [Owed(each["_id"], each["version"]) for each in found]

    async def due(self, slots: range, until: datetime, limit: int) -> list[Due]:
        """Up to `limit` snapshots in `slots` that want to be woken by `until`, earliest first."""
        return [Due(each["_id"], each["due"]) for each in await self._scan("due", slots, until, limit, {"due": 1})]

    async def _scan(
        self, field: str, slots: range, until: datetime, limit: int, projection: Mapping[str, Any]
    ) -> list[Document]:
        condition = {field: {"$lte": until}, "slot": {"$gte": slots.start, "$lt": slots.stop}}
        try:
            return await self._collection.find(condition, projection).sort(field, 1).limit(limit).to_list()
        except PyMongoError as error:
            raise Unknown(str(error)) from error

    async def _submit(self, write: Write) -> None:
        try:
            await self._writes.submit(write)
        except QueueFull as error:
            raise Unknown(str(error)) from error

    async def _write(self, writes: Sequence[Write]) -> Sequence[None | BaseException]:
        """One unordered bulk write; every operation gets its own outcome."""
        try:
            await self._collection.bulk_write(list(writes), ordered=False)
        except BulkWriteError as error:
            return _outcomes(len(writes), error.details or {})
        except PyMongoError as error:
            return [Unknown(str(error))] * len(writes)
        return [None] * len(writes)

    async def _read(self, keys: Sequence[Key]) -> Sequence[Document | None]:
        """One query for all who asked before it began, so none of them can get an answer older than his question."""
        if len(keys) == 1:
            return [await self._collection.find_one({"_id": keys[0]})]
        found = {each["_id"]: each async for each in self._collection.find({"_id": {"$in": list(set(keys))}})}
        return [found.get(key) for key in keys]


def _outcomes(count: int, details: Mapping[str, Any]) -> list[None | BaseException]:
    """What became of each operation: an error of its own, or unknown if the whole write is in doubt."""
    errors = details.get("writeErrors", [])
    doubts = [*details.get("writeConcernErrors", []), *(e for e in errors if e.get("code") != DUPLICATE_KEY)]
    outcomes: list[BaseException | None] = [Unknown(str(doubts[0])) if doubts else None] * count
    for error in errors:
        if error.get("code") == DUPLICATE_KEY:
            outcomes[error["index"]] = Conflict(error.get("errmsg", "stored at another version"))
    return outcomes


async def prepare(database: AsyncDatabase[Document], services: Sequence[str]) -> None:
    """Make the indexes that the scans at start and every few seconds rest on. Can be repeated."""
    for service in services:
        collection = database.get_collection(service)
        for field in ("outbox.at", "due"):
            await collection.create_index([(field, 1), ("slot", 1)], partialFilterExpression={field: {"$exists": True}})
