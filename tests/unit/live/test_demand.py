"""serve_app.live.demand: the feed of a replica runs while somebody listens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from serve_app.live.bell import Bell
from serve_app.live.demand import LOOK_EVERY_S, REST_S, Demand
from serve_app.live.feed import Feed
from serve_app.live.log import Log
from tests.unit.runtime.fakes import virtually

from .fakes import FakeSource, at, ticket


class Stage:
    """A feed, and how many listen to it."""

    def __init__(self) -> None:
        self.source = FakeSource()
        self.log = Log()
        self.listeners = 0
        self.demand = Demand(Feed(self.source, self.log, Bell()), self.log, lambda: self.listeners > 0)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        serving = asyncio.create_task(self.demand.serve())
        try:
            yield
        finally:
            serving.cancel()
            await asyncio.wait([serving])
            assert self.source.readers == 0, "the feed ends with the replica"


@virtually
async def test_nothing_is_read_before_somebody_asks() -> None:
    stage = Stage()
    async with stage.served():
        await asyncio.sleep(1_000)
        assert (stage.source.asked, stage.log.is_open) == ([], False)
        stage.demand.ask()
        await asyncio.sleep(0.01)
        assert (stage.source.readers, stage.log.is_open) == (1, True)


@virtually
async def test_it_goes_on_while_somebody_listens_and_a_while_longer() -> None:
    stage = Stage()
    async with stage.served():
        stage.demand.ask()
        stage.listeners = 1
        await asyncio.sleep(10 * REST_S)
        assert stage.source.readers == 1
        stage.demand.ask()
        stage.listeners = 0
        await asyncio.sleep(REST_S - 0.01)
        assert stage.log.is_open
        await asyncio.sleep(LOOK_EVERY_S + 0.02)
        assert (stage.source.readers, stage.log.is_open) == (0, False)


@virtually
async def test_who_comes_after_a_rest_finds_the_present() -> None:
    stage = Stage()
    async with stage.served():
        stage.demand.ask()
        await asyncio.sleep(REST_S + 2 * LOOK_EVERY_S)
        stage.source.write(ticket(at(100)))
        stage.demand.ask()
        await asyncio.sleep(0.01)
        assert (stage.log.is_open, stage.log.head) == (True, at(100))


@virtually
async def test_who_asks_while_the_feed_ends_is_heard() -> None:
    stage = Stage()
    async with stage.served():
        stage.demand.ask()
        await asyncio.sleep(0.01)
        while stage.log.is_open:  # noqa: ASYNC110  virtual time
            await asyncio.sleep(0.5)
        stage.demand.ask()
        await asyncio.sleep(LOOK_EVERY_S)
        assert (stage.source.readers, stage.log.is_open) == (1, True)
