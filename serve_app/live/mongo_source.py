"""Changes from MongoDB: one change stream over tickets and orders."""

from collections.abc import AsyncIterator
from typing import Any

from bson import Timestamp
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference

from actors.contract import ORDERS, TICKETS
from actors.runtime.codec import Document
from serve_app.live.change import FIELDS, Change
from serve_app.live.position import Position, is_moment, position_at, time_of
from serve_app.live.source import HistoryLost

AWAIT_MS = 500
"""How long MongoDB waits for a change before it says how far it has looked. Changes themselves come at once."""

BATCH_MAX = 500
"""Changes that are read at once: between two batches the event loop looks after others."""

LOST = frozenset({222, 260, 280, 286})
"""CloseChangeStream, InvalidResumeToken, ChangeStreamFatalError, ChangeStreamHistoryLost: going on is impossible."""

PIPELINE: list[dict[str, Any]] = [
    # Every commit is a replacement with upsert. Clearing an outbox is an update, and no news.
    {"$match": {"ns.coll": {"$in": [TICKETS, ORDERS]}, "operationType": {"$in": ["insert", "replace"]}}},
    {"$project": {"ns.coll": 1, **{f"fullDocument.{field}": 1 for field in FIELDS}}},
]


class MongoSource:
    """The history that a replica set keeps in its oplog."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        """Watch `database`."""
        self._database = database.with_options(
            read_concern=ReadConcern("majority"), read_preference=ReadPreference.PRIMARY
        )

    async def present(self) -> Position:
        """The position after all that has happened, by MongoDB's own clock."""
        # A read with majority tells of the newest change that pages can see; any other command may tell of one that is
        # not seen yet, and the stream would begin behind it.
        majority = self._database.read_concern.document
        answer = await self._database.command("find", TICKETS, limit=1, projection={"_id": 1}, readConcern=majority)
        time: Timestamp = answer["operationTime"]
        return position_at(time)

    async def changes(self, after: Position) -> AsyncIterator[tuple[list[Change], Position]]:
        """The changes after a position, for ever.

        Raises:
            HistoryLost: some of them are gone.
        """
        try:
            async with await self._open(after) as stream:
                while stream.alive:
                    change = await stream.try_next()
                    yield [_change(change)] if change else [], _token(stream) or after
        except OperationFailure as error:
            if error.code not in LOST:
                raise
            raise HistoryLost(str(error)) from error
        raise HistoryLost("MongoDB has closed the change stream")

    async def _open(self, after: Position) -> AsyncChangeStream[Document]:
        since: dict[str, Any] = (
            {"start_at_operation_time": time_of(after)} if is_moment(after) else {"resume_after": {"_data": after}}
        )
        return await self._database.watch(PIPELINE, max_await_time_ms=AWAIT_MS, batch_size=BATCH_MAX, **since)


def _change(change: Document) -> Change:
    return Change(position=change["_id"]["_data"], service=change["ns"]["coll"], document=change["fullDocument"])


def _token(stream: AsyncChangeStream[Document]) -> Position | None:
    token = stream.resume_token
    return token["_data"] if token else None
