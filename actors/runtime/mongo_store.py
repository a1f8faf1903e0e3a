"""Snapshots in MongoDB: conditional writes in groups, majority reads in groups."""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from bson import encode
from bson.raw_bson import RawBSONDocument
from msgspec import ValidationError
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from actors.runtime.behaviour import Behaviour
from actors.runtime.coalescer import Coalescer, QueueFull
from actors.runtime.codec import Document
from actors.runtime.message import Key
from actors.runtime.snapshot import Snapshot, from_stored, to_stored
from actors.runtime.store import Conflict, Due, Owed, Unknown

Item = TypeVar("Item")

DUPLICATE_KEY = 11000
DURABLE = {"w": "majority", "j": True, "wtimeout": 10_000}
REPEATABLE = {"w": 1}
"""For what does no harm if it is lost: an entry that comes back is delivered again, and hearing it twice is hearing it
once, by the rules of every actor."""

FIRST = 0
"""The version of an actor's first snapshot."""

WRITES_MAX = 500
"""Operations in one command."""

READS_MAX = 500
"""Documents in one answer."""

REMOVALS_EVERY_S = 0.2
"""How long actors that are over stay stored, so that many leave at once: for one it costs as much as for twenty."""


class MongoStore:
    """Snapshots of one service, in the collection of its name."""

    def __init__(self, database: AsyncDatabase[Document], behaviour: Behaviour) -> None:
        """Keep the snapshots of `behaviour`'s actors in `database`; its client must be `tz_aware`."""
        self._behaviour = behaviour
        self._database = database
        self._collection: AsyncCollection[Document] = database.get_collection(
            behaviour.service, read_concern=ReadConcern("majority")
        )
        # The larger its group, the less of mongod's time an operation takes: one command at a time for changes; births
        # are cheap enough that who comes while one is under way need not wait for its end.
        self._births: Coalescer[Document, None] = Coalescer(
            partial(self._write, "insert", "documents"), batch_max=WRITES_MAX, in_flight_max=2
        )
        self._changes: Coalescer[Document, None] = Coalescer(
            partial(self._write, "update", "updates"), batch_max=WRITES_MAX, in_flight_max=1
        )
        self._removals: Coalescer[tuple[Key, int], None] = Coalescer(
            self._write_removals, batch_max=WRITES_MAX, in_flight_max=1, spacing_s=REMOVALS_EVERY_S
        )
        self._reads: Coalescer[Key, Document | None] = Coalescer(self._read, batch_max=READS_MAX, in_flight_max=1)
        self._versions: Coalescer[Key, int] = Coalescer(self._read_versions, batch_max=READS_MAX, in_flight_max=1)

    async def load(self, key: Key) -> Snapshot | None:
        """The snapshot of one actor, None if there never was one."""
        try:
            document = await self._reads.submit(key)
        except (PyMongoError, QueueFull) as error:
            raise Unknown(str(error)) from error
        return from_stored(document, self._behaviour) if document else None

    async def beside(self, key: Key, below: int, above: int) -> list[Snapshot]:
        """The snapshots with the keys next to `key`, up to so many on either side, none unreadable."""
        lower, upper = _next(key, "$lt", -1, below), _next(key, "$gt", 1, above)
        both = [*lower, {"$unionWith": {"coll": self._collection.name, "pipeline": upper}}]
        try:
            found = await (await self._collection.aggregate(both if below and above else lower or upper)).to_list()
        except PyMongoError as error:
            raise Unknown(str(error)) from error
        return [snapshot for each in found if (snapshot := self._if_readable(each)) is not None]

    def _if_readable(self, document: Document) -> Snapshot | None:
        """None for one that a newer version wrote: nobody has asked for it, and who does will hear why."""
        with suppress(ValidationError, LookupError):
            return from_stored(document, self._behaviour)
        return None

    async def versions_of(self, keys: Sequence[Key]) -> list[int]:
        """The version of each snapshot, -1 where there never was one. Who asks for many needs no more company."""
        try:
            if len(keys) == 1:
                return [await self._versions.submit(keys[0])]
            groups = [keys[at : at + READS_MAX] for at in range(0, len(keys), READS_MAX)]
            return [version for group in groups for version in await self._read_versions(group)]
        except (PyMongoError, QueueFull) as error:
            raise Unknown(str(error)) from error

    async def commit(self, snapshot: Snapshot, due: datetime | None) -> None:
        """Store `snapshot` if the one before it is still the stored one.

        The first is inserted, which takes MongoDB a third of the time of an upsert that finds nothing. For later ones
        the filter matches the version before; where it matches nothing the upsert inserts, too. So for an actor that
        is stored at another version either is a duplicate `_id`: the conflict.
        """
        # Encoded here and not with its group: what cannot be stored fails alone.
        document: Any = RawBSONDocument(encode(to_stored(snapshot, due)))
        if snapshot.version == FIRST:
            await _submit(self._births, document)
        else:
            condition = {"_id": snapshot.key, "version": snapshot.version - 1}
            await _submit(self._changes, {"q": condition, "u": document, "upsert": True})

    async def remove(self, key: Key, version: int) -> None:
        """Remove the snapshot of an actor that is over, if it is still stored at `version`."""
        await _submit(self._removals, (key, version))

    async def clear(self, entries: Mapping[Key, AbstractSet[str]]) -> None:
        """Take acknowledged entries out of outboxes: one update of all of them, for names are unique."""
        gone = [entry for each in entries.values() for entry in each]
        pull = {"$pull": {"outbox": {"id": {"$in": gone}}}}
        many = {"q": {"_id": {"$in": list(entries)}}, "u": pull, "multi": True}
        [trouble] = await self._write("update", "updates", [many], REPEATABLE)
        if trouble is not None:
            raise trouble

    async def owed(self, slots: range, before: datetime, limit: int, skip: int = 0) -> list[Owed]:
        """Up to `limit` snapshots in `slots` with outboxes older than `before`, the oldest first, from `skip` on."""
        found = await self._scan("outbox.at", slots, before, limit, {"version": 1}, skip=skip)
        return [Owed(each["_id"], each["version"]) for each in found]

    async def due(self, slots: range, until: datetime, limit: int) -> list[Due]:
        """Up to `limit` snapshots in `slots` that want to be woken by `until`, earliest first."""
        return [Due(each["_id"], each["due"]) for each in await self._scan("due", slots, until, limit, {"due": 1})]

    async def _scan(
        self, field: str, slots: range, until: datetime, limit: int, projection: Mapping[str, Any], *, skip: int = 0
    ) -> list[Document]:
        condition = {field: {"$lte": until}, "slot": {"$gte": slots.start, "$lt": slots.stop}}
        try:
            return await self._collection.find(condition, projection).sort(field, 1).skip(skip).limit(limit).to_list()
        except PyMongoError as error:
            raise Unknown(str(error)) from error

    async def _write(
        self, verb: str, field: str, writes: Sequence[Document], concern: Mapping[str, Any] = DURABLE
    ) -> list[None | BaseException]:
        """One unordered group of writes, which are the `field` of the command `verb`; each gets its own outcome.

        The bare command, for pymongo's `bulk_write` lets MongoDB record every operation a second time, so that the
        driver may retry it. Ours need no such record: whoever is in doubt looks for the operation id.
        """
        command = {verb: self._collection.name, field: writes, "ordered": False, "writeConcern": concern}
        try:
            answer = await self._database.command(command)
        except PyMongoError as error:
            return [Unknown(str(error))] * len(writes)
        return _outcomes(len(writes), answer)

    async def _write_removals(self, removals: Sequence[tuple[Key, int]]) -> list[None | BaseException]:
        """One delete for all at the same version, for each by itself takes four times as long.

        If not all were stored at their versions, MongoDB does not say who was not: then all look again.
        """
        groups: dict[int, list[Key]] = {}
        for key, version in removals:
            groups.setdefault(version, []).append(key)
        deletes = [{"q": {"_id": {"$in": keys}, "version": version}, "limit": 0} for version, keys in groups.items()]
        command = {"delete": self._collection.name, "deletes": deletes, "ordered": False, "writeConcern": DURABLE}
        try:
            answer = await self._database.command(command)
        except PyMongoError as error:
            return [Unknown(str(error))] * len(removals)
        is_done = answer["n"] == len(removals) and "writeConcernError" not in answer
        doubt = Unknown(f"{answer['n']} of {len(removals)} snapshots were stored at their versions and removed")
        return [None if is_done else doubt] * len(removals)

    async def _read(self, keys: Sequence[Key]) -> Sequence[Document | None]:
        """One query for all who asked before it began, so none of them can get an answer older than his question."""
        found = {each["_id"]: each for each in await self._find(keys)}
        return [found.get(key) for key in keys]

    async def _read_versions(self, keys: Sequence[Key]) -> Sequence[int]:
        """The same for versions. An index that covers them would cost every commit more than it saves here."""
        found = {each["_id"]: each["version"] for each in await self._find(keys, {"version": 1})}
        return [found.get(key, -1) for key in keys]

    async def _find(self, keys: Sequence[Key], projection: Mapping[str, Any] | None = None) -> list[Document]:
        """The documents of `keys`, by the bare command again.

        The driver's own way takes twice the time, for a second try that turns see to themselves. Only where they are
        more than fits into one answer, 16 MB, that way is gone.
        """
        among = {"_id": {"$in": list(set(keys))}}
        command = {
            "find": self._collection.name,
            "filter": among,
            "projection": projection or {},
            "batchSize": len(keys) + 1,  # one more than there can be, so that nothing stays open
            "readConcern": {"level": "majority"},
        }
        answer = await self._database.command(command, codec_options=self._collection.codec_options)
        cursor = answer["cursor"]
        found: list[Document] = cursor["firstBatch"]
        return await self._collection.find(among, projection).to_list() if cursor["id"] else found


def _next(key: Key, side: str, order: int, limit: int) -> list[Document]:
    """The stages that find the documents next to `key` on one side; none for none of them."""
    return [{"$match": {"_id": {side: key}}}, {"$sort": {"_id": order}}, {"$limit": limit}] if limit else []


async def _submit(group: Coalescer[Item, None], item: Item) -> None:
    """Write `item` with its group.

    Raises:
        Conflict, Unknown: see `Store.commit`.
    """
    try:
        await group.submit(item)
    except QueueFull as error:
        raise Unknown(str(error)) from error


def _outcomes(count: int, answer: Mapping[str, Any]) -> list[None | BaseException]:
    """What became of each operation: an error of its own, or unknown if the whole group is in doubt."""
    errors = answer.get("writeErrors", [])
    doubts = [e for e in errors if e.get("code") != DUPLICATE_KEY]
    if "writeConcernError" in answer:
        doubts.append(answer["writeConcernError"])
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
