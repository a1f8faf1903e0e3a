"""What the live stream takes for granted of a real MongoDB's change streams."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from bson import ObjectId, Timestamp
from pymongo import ReplaceOne

from actors.opening import Database
from serve_app.live.bell import Bell
from serve_app.live.change import Change
from serve_app.live.feed import Feed
from serve_app.live.log import Log
from serve_app.live.mongo_source import MongoSource
from serve_app.live.position import is_moment, is_position, position_at, time_of
from serve_app.live.source import HistoryLost


async def commit(database: Database, service: str, key: ObjectId, version: int, **more: object) -> None:
    """A commit as an actor makes it."""
    document = {"_id": key, "version": version, "userId": key, "outbox": [{"id": "x"}], "remembered": [1], **more}
    await database[service].bulk_write([ReplaceOne({"_id": key, "version": version - 1}, document, upsert=True)])


@asynccontextmanager
async def followed(database: Database) -> AsyncIterator[Log]:
    """A log that follows the database."""
    log, bell = Log(), Bell()
    feed = Feed(MongoSource(database), log, bell)
    feed.start()
    try:
        async with asyncio.timeout(10):
            while not log.is_open:
                await bell.wait(asyncio.get_running_loop().time() + 0.05)
            yield log
    finally:
        await feed.stop()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds, ten seconds at most."""
    bell, loop = Bell(), asyncio.get_running_loop()
    async with asyncio.timeout(10):
        while not condition():
            await bell.wait(loop.time() + 0.01)


async def changes(log: Log, place: int, count: int) -> list[Change]:
    """The next `count` changes from a place."""
    await until(lambda: log.end >= place + count)
    return list(log.between(place, log.end))


async def test_commits_are_changes_in_the_order_of_their_positions_and_clearing_an_outbox_is_none(
    database: Database,
) -> None:
    keys = [ObjectId() for _ in range(50)]
    async with followed(database) as log:
        place = log.end
        for version in (0, 1):
            await asyncio.gather(*(commit(database, "tickets", key, version, title="seat") for key in keys))
            await database.tickets.update_many({}, {"$pull": {"outbox": {"id": "x"}}})
            await commit(database, "payments", ObjectId(), 0)
        await commit(database, "orders", keys[0], 0, status="created")
        found = await changes(log, place, 101)

    assert [each.position for each in found] == sorted(each.position for each in found)
    assert all(is_position(each.position) and not is_moment(each.position) for each in found)
    assert [(each.service, each.key) for each in found[-1:]] == [("orders", keys[0])]
    assert sorted((each.document["version"], each.key) for each in found[:-1]) == [(n, k) for n in (0, 1) for k in keys]
    assert found[0].document.keys() == {"_id", "version", "userId", "title"}


async def test_positions_carry_mongodb_s_time(database: Database) -> None:
    async with followed(database) as log:
        place = log.end
        await commit(database, "tickets", ObjectId(), 0)
        [change] = await changes(log, place, 1)
    assert abs(time_of(change.position).as_datetime() - datetime.now(UTC)).total_seconds() < 60


async def test_two_replicas_understand_each_other_s_positions(database: Database) -> None:
    await commit(database, "tickets", ObjectId(), 0)
    async with followed(database) as first:
        place = first.end
        await commit(database, "tickets", ObjectId(), 0)
        [change] = await changes(first, place, 1)
        await commit(database, "tickets", ObjectId(), 0)
        async with followed(database) as second:
            behind = second.place_of(change.position)
            assert behind is not None
            [newer] = await changes(second, behind, 1)
            assert newer.position == (await changes(first, place + 1, 1))[0].position


async def test_the_head_moves_while_nothing_happens(database: Database) -> None:
    async with followed(database) as log:
        head, place = log.head, log.end
        await commit(database, "payments", ObjectId(), 0)
        await until(lambda: log.head != head)
        assert log.end == place


async def test_a_position_that_history_does_not_have_says_so(database: Database) -> None:
    async with followed(database) as log:
        place = log.end
        await commit(database, "tickets", ObjectId(), 0)
        [change] = await changes(log, place, 1)
    never = change.position.replace(f"{time_of(change.position).inc:08X}", "00000000", 1)

    with pytest.raises(HistoryLost):
        await asyncio.wait_for(anext(MongoSource(database).changes(never)), 10)


async def test_an_oplog_keeps_what_it_had_from_its_beginning(database: Database) -> None:
    """So a new office can begin some minutes back, too."""
    await asyncio.wait_for(anext(MongoSource(database).changes(position_at(Timestamp(1, 1)))), 10)
