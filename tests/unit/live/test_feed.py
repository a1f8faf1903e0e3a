"""serve_app.live.feed."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pymongo.errors import AutoReconnect

from serve_app.live.bell import Bell
from serve_app.live.feed import BACK_S, Feed
from serve_app.live.log import Log
from serve_app.live.position import earlier
from serve_app.live.source import HistoryLost
from tests.unit.runtime.fakes import virtually

from .fakes import FakeSource, at, ticket


@asynccontextmanager
async def followed(source: FakeSource) -> AsyncIterator[Log]:
    log = Log()
    feed = Feed(source, log, Bell())
    feed.start()
    try:
        yield log
    finally:
        await feed.stop()
        assert source.readers == 0


@virtually
async def test_it_begins_some_minutes_back_and_follows() -> None:
    source = FakeSource(head=at(1_000))
    source.write(ticket(at(0)), ticket(at(1_000 - BACK_S + 1)), ticket(at(1_000)))
    async with followed(source) as log:
        await asyncio.sleep(0.01)
        assert source.asked == [earlier(at(1_000), BACK_S)]
        assert (log.end, log.is_open) == (3, True)
        source.write(ticket(at(1_001)))
        await asyncio.sleep(0.01)
        assert (log.end, log.head) == (4, at(1_001))


@virtually
async def test_it_goes_on_where_the_connection_broke() -> None:
    source = FakeSource()
    async with followed(source) as log:
        source.write(ticket(at(1)))
        await asyncio.sleep(0.01)
        place = log.end
        source.fail(*[AutoReconnect("gone")] * 4)
        await asyncio.sleep(0.05)
        source.write(ticket(at(2)))
        await asyncio.sleep(3)
        assert source.asked[1:] == [at(1)] * 4
        assert [each.position for each in log.between(place, log.end)] == [at(2)]


@virtually
async def test_pauses_grow_and_shrink_again() -> None:
    source = FakeSource(failures=[AutoReconnect("gone")] * 10)
    async with followed(source) as log:
        await asyncio.sleep(0.1 + 0.2 + 0.4 + 0.8 + 1.6 + 3.2 + 4 * 5.0 - 0.01)
        assert not log.is_open
        await asyncio.sleep(0.02)
        assert log.is_open
        source.fail(AutoReconnect("gone"))
        await asyncio.sleep(0.15)
        assert source.readers == 1


@virtually
async def test_lost_history_begins_anew_and_overtakes_readers() -> None:
    source = FakeSource()
    async with followed(source) as log:
        source.write(ticket(at(1)))
        await asyncio.sleep(0.01)
        source.oldest = at(5)
        source.write(ticket(at(9)))
        source.fail(HistoryLost("286"))
        await asyncio.sleep(1)
        assert source.asked[1:] == [at(9)]
        assert log.place_of(at(1)) is None
        assert log.is_open


@virtually
async def test_an_oplog_that_is_too_short_begins_at_the_present() -> None:
    source = FakeSource(head=at(1_000), oldest=at(1_000))
    async with followed(source) as log:
        await asyncio.sleep(1)
        assert source.asked == [earlier(at(1_000), BACK_S), at(1_000)]
        assert log.is_open


def test_a_defect_is_reported_and_not_the_end(caplog: pytest.LogCaptureFixture) -> None:
    @virtually
    async def fails_once() -> None:
        source = FakeSource()
        async with followed(source) as log:
            source.fail(KeyError("title"))
            await asyncio.sleep(1)
            source.write(ticket(at(3)))
            await asyncio.sleep(1)
            assert (log.head, log.is_open) == (at(3), True)

    fails_once()
    assert [each.levelno for each in caplog.records] == [logging.ERROR]
