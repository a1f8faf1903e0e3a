"""Offices that many tests share, and the report of what ran in them.

Each is a real one: Ray, Ray Serve behind HAProxy, mongod, the Stripe sandbox.
"""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from bson import ObjectId

from actors.config import Config
from actors.opening import Database, open_database
from cluster.local import mongod
from cluster.local.folder import DataFolder
from tests.integration.money_schedules import FaultTally
from tests.integration.office import Office, free_port
from tests.waiting import wait_for

TALLY = pytest.StashKey[FaultTally]()


OFFICES = {
    "shared": {"BOXOFFICE_PLACEMENT": "shared"},
    "dedicated": {"BOXOFFICE_PLACEMENT": "dedicated", "BOXOFFICE_DEDICATED_MAX": "160"},
    # Orders expire soon, but late enough to be looked at in a browser first.
    "hasty": {"BOXOFFICE_ORDER_WINDOW_S": "5"},
}
"""The settings of the offices that many tests share."""


# One fixture for all of them: so each ends before the next begins. An office that only waits takes a fifth of a core.
@pytest.fixture(scope="session", params=["shared", "dedicated"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office under each placement in turn, or the one of `OFFICES` that a test asks for as its parameter."""
    yield from running(Office(tmp_path_factory.mktemp(request.param) / "data", OFFICES[request.param]))


def running(office: Office) -> Iterator[Office]:
    """Start it, and end it whatever happens."""
    try:
        yield office.start()
    finally:
        office.stop()


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real MongoDB alone, as an office embeds it."""
    folder = DataFolder(tmp_path_factory.mktemp("mongo"))
    folder.mongo.mkdir()
    folder.logs.mkdir()
    port = free_port()
    child = mongod.start(folder, port, mongod.binary(), dict(os.environ))
    try:
        wait_for("a primary", lambda: mongod.try_primary(port))
        yield mongod.url(port)
    finally:
        child.stop(grace_s=mongod.STOP_S)


@pytest.fixture
async def database(mongo_url: str) -> AsyncIterator[Database]:
    """An empty database of its own for each test."""
    database = open_database(Config(mongo_url=mongo_url, database=f"test-{ObjectId()}", jwt_key="", stripe_key=""))
    yield database
    await database.client.drop_database(database.name)
    await database.client.close()


@pytest.fixture(scope="session")
def fault_tally(request: pytest.FixtureRequest) -> FaultTally:
    """Counts the fault schedules over HTTP, of the whole run."""
    return request.config.stash.setdefault(TALLY, FaultTally())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    tally = config.stash.get(TALLY, FaultTally())
    if tally.schedules:
        terminalreporter.section("faults at Stripe over HTTP")
        for line in tally.lines():
            terminalreporter.line(line)
