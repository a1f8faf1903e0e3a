"""Who is measured: our office, the peer and the floor, each with all its processes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pymongo.database import Database

from actors.contract import SERVICES
from tests.benchmarks import seeding
from tests.benchmarks.family import Family
from tests.benchmarks.offices import end, family_of
from tests.benchmarks.peer.server import Peer
from tests.integration.office import Office

FLOOR = {
    "BOXOFFICE_APPLICATION": "tests.benchmarks.floor:application",
    # It asks neither; naming them keeps an embedded sandbox and mongod from being started.
    "STRIPE_KEY": "sk_test_floor",
    "STRIPE_API_BASE": "http://127.0.0.1:9",
}


T = TypeVar("T", Office, Peer)


@dataclass(frozen=True)
class Side:
    """One of those who are measured."""

    name: str
    url: str
    family: Family
    seed: Callable[[int], list[str]]
    """The ids of so many new tickets on sale."""

    stop: Callable[[], None]
    database: Database[dict[str, Any]] | None = None
    """Where it stores tickets and orders, in collections of these names; None for who stores nothing."""

    is_settled: Callable[[], bool] = lambda: True
    """Whether everything that its answers promised is done."""


def ours(folder: Path) -> Side:
    """Our office as it is; runs."""
    office = _started(Office(folder))
    return Side(
        name="ours",
        url=office.url,
        family=family_of(office),
        seed=lambda count: seeding.tickets(office.mongo, count),
        stop=lambda: end(office),
        database=office.mongo,
        is_settled=lambda: nothing_left_to_say(office.mongo),
    )


def nothing_left_to_say(database: Database[dict[str, Any]]) -> bool:
    """Whether every message between the actors of an office has arrived."""
    owed = {"outbox.at": {"$exists": True}}
    return not any(database[service].count_documents(owed, limit=1) for service in SERVICES)


def peer(folder: Path) -> tuple[Side, str]:
    """The peer, and where its MongoDB is; runs."""
    server = _started(Peer(folder))
    side = Side("peer", server.url, Family(lambda: server.roots), server.seed, server.stop, server.database)
    return side, server.mongo_url


def floor(folder: Path, mongo_url: str) -> Side:
    """An office that refuses everything; runs. It is told of a MongoDB that it never asks."""
    office = _started(Office(folder, FLOOR | {"MONGO_URL": mongo_url}))
    return Side("floor", office.url, family_of(office), seeding.ids, lambda: end(office))


def _started(server: T) -> T:
    """Start it; what does not start leaves nothing behind."""
    try:
        server.start()
    except BaseException:
        server.stop()
        raise
    return server
