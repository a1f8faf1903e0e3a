"""serve_app.live.stream and live: what one page hears, in virtual time."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect

from serve_app.live.digest import Interest
from serve_app.live.live import PATIENCE_S, PIECE_MAX, Live
from serve_app.live.log import CHANGES_MAX
from serve_app.live.source import HistoryLost
from serve_app.live.stream import HEARTBEAT_S, LIFE_MAX_S, LIFE_MIN_S, Stream
from serve_app.refusals import ApiError
from tests.unit.runtime.fakes import clock, now_s, virtually

from .fakes import FakeSource, at, order, ticket

ADA = ObjectId()


class Page:
    """Reads a stream as a browser does: remembers the last id, and what came when."""

    def __init__(self, live: Live, interest: Interest | None = None) -> None:
        self.live = live
        self.interest = interest or Interest()
        self.last_id: str | None = None
        self.heard: list[tuple[float, str, str]] = []
        """When, what, and under which id."""

        self.pieces = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Page"]:
        reading = asyncio.create_task(self.read())
        await asyncio.sleep(0.001)
        try:
            yield self
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def read(self) -> None:
        """Until the stream ends."""
        with self.live.seat():
            async for piece in Stream(self.live, self.interest, self.last_id).messages():
                self._hear(piece)

    def _hear(self, piece: bytes) -> None:
        assert piece.endswith(b"\n\n"), "whole events"
        self.pieces += 1
        for event in piece.decode().strip().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in event.split("\n"))
            self.last_id = fields["id"]
            self.heard.append((now_s(), fields["event"], fields["id"]))

    def told(self, *names: str) -> list[str]:
        """The ids of what was heard under these names."""
        return [each for _, name, each in self.heard if name in (names or ("ticket", "order"))]


def on_air(test: Callable[[FakeSource, Live], object]) -> Callable[[], None]:
    """Run a test with a live stream of its own, in virtual time."""

    @virtually
    async def run() -> None:
        source = FakeSource()
        live = Live(source, clock(), Random(7), streams_max=2)
        async with live.running():
            await live.admit()
            await test(source, live)  # type: ignore[misc]
            assert len(live.bell) == 0, "nobody is left behind"

    run.__name__ = test.__name__
    return run


@on_air
async def test_hello_says_where_and_when_it_begins(source: FakeSource, live: Live) -> None:
    source.write(ticket(at(5)))
    await asyncio.sleep(1)
    first = await anext(Stream(live, Interest(), None).messages())
    text = rf'retry: (\d+)\nid: {at(5)}\nevent: hello\ndata: {{"now":"2030-01-01T00:00:01.00\dZ"}}\n\n'
    found = re.fullmatch(text, first.decode())
    assert found
    assert 500 <= int(found[1]) <= 2_000


@on_air
async def test_a_change_is_told_at_once_and_a_burst_as_its_newest(source: FakeSource, live: Live) -> None:
    key = ObjectId()
    async with Page(live).open() as page:
        await asyncio.sleep(1)
        source.write(ticket(at(1), key))
        await asyncio.sleep(0.01)
        assert page.told() == [at(1)]
        for n in range(2, 20):
            source.write(ticket(at(n), key, version=n))
            await asyncio.sleep(0.001)
        source.write(ticket(at(20)))
        await asyncio.sleep(1)
    assert page.told() == [at(1), at(19), at(20)]
    assert page.pieces == 3
    assert max(when for when, *_ in page.heard) < 1.2


@on_air
async def test_a_page_comes_back_and_misses_nothing(source: FakeSource, live: Live) -> None:
    page = Page(live)
    async with page.open():
        source.write(ticket(at(1)), ticket(at(2)))
        await asyncio.sleep(1)
    source.write(ticket(at(3)), ticket(at(4)))
    await asyncio.sleep(1)
    async with page.open():
        source.write(ticket(at(5)))
        await asyncio.sleep(1)
    assert page.told() == [at(n) for n in range(1, 6)]
    assert page.told("hello") == [at(0), at(2)], "a connection that breaks after hello goes on from the same place"
    assert page.told("reset") == []


@on_air
async def test_who_was_away_for_long_hears_it_in_pieces(source: FakeSource, live: Live) -> None:
    positions = [at(1, n) for n in range(1, 4 * PIECE_MAX)]
    mine = {positions[n]: ObjectId() for n in (0, PIECE_MAX, PIECE_MAX + 1, 3 * PIECE_MAX)}
    source.write(*(ticket(each, mine.get(each)) for each in positions))
    await asyncio.sleep(1)
    everything, some = Page(live), Page(live, Interest(tickets=frozenset(mine.values())))
    for page in (everything, some):
        page.last_id = at(0)
        async with page.open():
            pass
    assert everything.told() == positions
    assert everything.pieces == 1 + 4, "hello, and no piece is longer"
    assert some.told() == list(mine), "stretches without news are passed over"
    assert some.told("beat") == []


@on_air
async def test_a_connection_may_break_after_any_event(source: FakeSource, live: Live) -> None:
    a, b = ObjectId(), ObjectId()
    source.write(ticket(at(1), a), ticket(at(2), b), ticket(at(3), a, version=1), ticket(at(4)))
    await asyncio.sleep(1)
    for last in (at(0), at(1), at(2), at(3), at(4)):
        page = Page(live)
        page.last_id = last
        async with page.open():
            pass
        assert page.told() == [each for each in (at(2), at(3), at(4)) if each > last]


@on_air
async def test_what_another_replica_gave_out_is_waited_for(source: FakeSource, live: Live) -> None:
    page = Page(live)
    page.last_id = at(2)
    async with page.open():
        await asyncio.sleep(1)
        assert page.heard == []
        source.write(ticket(at(1)), ticket(at(2)), ticket(at(3)))
        await asyncio.sleep(1)
    assert (page.told("hello"), page.told()) == ([at(2)], [at(3)])


@pytest.mark.parametrize("last_id", ["garbage", "", at(-500), at(500)])
def test_a_position_that_is_unknown_is_a_reset(last_id: str) -> None:
    @on_air
    async def run(source: FakeSource, live: Live) -> None:
        page = Page(live)
        page.last_id = last_id
        async with page.open():
            await asyncio.sleep(PATIENCE_S + 1)
            source.write(ticket(at(1)))
            await asyncio.sleep(1)
        assert page.told("reset") == page.told("hello") == [at(0)]
        assert page.told() == [at(1)]

    run()


@on_air
async def test_lost_history_resets_everybody(source: FakeSource, live: Live) -> None:
    async with Page(live).open() as page:
        source.head = at(50)
        source.fail(HistoryLost("286"))
        await asyncio.sleep(1)
        source.write(ticket(at(51)))
        await asyncio.sleep(1)
    assert (page.told("reset"), page.told()) == ([at(50)], [at(51)])


@on_air
async def test_a_reader_that_is_overtaken_hears_a_reset(source: FakeSource, live: Live) -> None:
    stream = Stream(live, Interest(), None).messages()
    await anext(stream)
    source.write(*(ticket(at(n)) for n in range(1, CHANGES_MAX * 2)))
    await asyncio.sleep(1)
    head = at(CHANGES_MAX * 2 - 1)
    assert await anext(stream) == f"id: {head}\nevent: reset\ndata: {{}}\n\n".encode()
    await stream.aclose()


@on_air
async def test_changes_while_mongodb_is_away_come_when_it_is_back(source: FakeSource, live: Live) -> None:
    async with Page(live).open() as page:
        source.fail(*[AutoReconnect("gone")] * 3)
        await asyncio.sleep(0.1)
        source.write(ticket(at(1)))
        await asyncio.sleep(3)
    assert (page.told(), page.told("reset")) == ([at(1)], [])


@on_air
async def test_orders_are_their_buyer_s(source: FakeSource, live: Live) -> None:
    async with Page(live, Interest(user_id=ADA)).open() as ada, Page(live, Interest(user_id=ObjectId())).open() as eve:
        source.write(order(at(1), ADA), ticket(at(2)), order(at(3), ObjectId()))
        await asyncio.sleep(1)
    assert (ada.told(), eve.told()) == ([at(1), at(2)], [at(2)])


@on_air
async def test_only_the_tickets_that_are_named(source: FakeSource, live: Live) -> None:
    key = ObjectId()
    async with Page(live, Interest(tickets=frozenset([key]))).open() as page:
        source.write(ticket(at(1)), ticket(at(2), key), ticket(at(3)))
        await asyncio.sleep(1)
        source.write(ticket(at(4)))
        await asyncio.sleep(1)
    assert (page.told(), page.pieces) == ([at(2)], 2)


@on_air
async def test_a_silent_stream_keeps_its_position_young(source: FakeSource, live: Live) -> None:
    async with Page(live, Interest(tickets=frozenset())).open() as page:
        source.write(ticket(at(20)))
        await asyncio.sleep(HEARTBEAT_S + 0.1)
        source.head = at(40)
        await asyncio.sleep(HEARTBEAT_S)
    assert [(name, each) for _, name, each in page.heard] == [
        ("hello", at(0)), ("beat", at(20)), ("beat", at(40))
    ]  # fmt: skip


@on_air
async def test_it_ends_by_itself_at_a_place_to_go_on_from(source: FakeSource, live: Live) -> None:
    ends = set()
    for _ in range(5):
        began, page = now_s(), Page(live)
        await page.read()
        assert LIFE_MIN_S <= now_s() - began <= LIFE_MAX_S
        assert page.heard[-1] == (now_s(), "beat", source.head)
        ends.add(now_s() - began)
    assert len(ends) == 5, "not all at once"


@on_air
async def test_a_busy_stream_ends_too(source: FakeSource, live: Live) -> None:
    reading = asyncio.create_task(Page(live).read())
    for n in range(1, 2_000):
        source.write(ticket(at(n)))
        await asyncio.sleep(0.1)
    assert reading.done()


@on_air
async def test_seats(source: FakeSource, live: Live) -> None:
    with live.seat(), live.seat():
        with pytest.raises(ApiError) as full:
            await live.admit()
        assert (full.value.status, full.value.retry_after_s, full.value.code) == (503, 5, "overloaded")
    await live.admit()


@virtually
async def test_nobody_is_admitted_before_anything_is_known() -> None:
    live = Live(FakeSource(failures=[AutoReconnect("gone")] * 9), clock(), Random(7))
    async with live.running():
        with pytest.raises(ApiError) as unknown:
            await live.admit()
        assert (unknown.value.code, now_s()) == ("database_unavailable", PATIENCE_S)
        await asyncio.sleep(60)
        await live.admit()
