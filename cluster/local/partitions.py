"""The recorded partition map: settings that disagree stop the start; changing it is a step of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from actors.runtime.partition import PartitionMap
from actors.runtime.partition_record import MapDisagrees, NoOffice, agree, repartition
from cluster.local import leftovers, mongo_url, mongod, ports, record, services
from cluster.local.errors import DatabaseError, FolderError
from cluster.local.folder import DataFolder
from cluster.local.record import RunRecord
from cluster.local.waiting import Patience
from cluster.settings import Settings

Database = AsyncDatabase[dict[str, Any]]

WORK_S = 10
"""How long MongoDB may take for one document."""


def demand_agreement(settings: Settings) -> None:
    """Check the settings against the recorded map, recording it if there is none.

    Raises:
        DatabaseError: they disagree, or MongoDB cannot be used.
    """
    try:
        _run(settings, lambda database: agree(database, settings.partitions))
    except MapDisagrees as error:
        raise DatabaseError(
            f"This database is divided into {error.recorded} partitions per service, but the settings say "
            f"{settings.partitions}.",
            f"Set BOXOFFICE_PARTITIONS={error.recorded}, or run `boxoffice repartition {settings.partitions}` "
            "while nothing runs on it.",
        ) from error


def change(settings: Settings, folder: DataFolder, partitions: int) -> PartitionMap:
    """Record a new number of partitions, with nothing running; starts the embedded MongoDB for it if need be.

    Raises:
        FolderError: a copy runs here, or what a killed one left behind, or none ever did.
        DatabaseError: MongoDB cannot be used, or no office has ever started in the database.
        ServiceError: the embedded one did not start.
    """
    known = record.load(folder.record)
    if known is not None and known.owner.alive():
        raise FolderError("Box Office runs here.", "End it first, with `boxoffice down`.")
    if settings.mongo_url is None and not folder.mongo.exists():
        raise FolderError(
            f"No Box Office with a database of its own ever ran in {folder.path}.",
            "Name its data folder in BOXOFFICE_DATA_DIR, or its database in MONGO_URL.",
        )
    folder.claim()
    try:
        if leftovers.find(folder, known):
            raise FolderError("Processes of a killed run are still there.", "End them with `boxoffice down`.")
        with _given_or_embedded(settings, folder, known) as found:
            return _run(found, lambda database: repartition(database, partitions))
    except NoOffice as error:
        raise DatabaseError(
            f"The database {settings.database} holds no office.",
            "Set BOXOFFICE_DATABASE to the name that it runs under; one that is new is divided at its first start.",
        ) from error
    finally:
        folder.release()


@contextmanager
def _given_or_embedded(settings: Settings, folder: DataFolder, known: RunRecord | None) -> Iterator[Settings]:
    """The settings with a MongoDB that works while the block runs."""
    if url := settings.secret("MONGO_URL"):
        mongo_url.demand_replica_set(url)
        yield settings
        return
    block = ports.choose(known.first_port if known else None)
    part = services.mongodb(settings, folder, block)
    part.begin()
    try:
        part.await_work(Patience())
        yield Settings.model_validate(settings.variables() | {"MONGO_URL": mongod.url(block.mongod)})
    finally:
        part.stop()


def _run(settings: Settings, work: Callable[[Database], Awaitable[PartitionMap]]) -> PartitionMap:
    """What `work` returns. Raises `DatabaseError`."""
    url = settings.secret("MONGO_URL") or ""

    async def run() -> PartitionMap:
        client = AsyncMongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=mongo_url.ANSWER_MS)
        async with client, asyncio.timeout(WORK_S):
            return await work(client[settings.database])

    with mongo_url.explained(url):
        return asyncio.run(run())
