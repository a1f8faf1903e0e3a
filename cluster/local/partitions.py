"""The recorded partition map: settings that disagree stop the start; changing it is a step of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from actors.runtime.partition import PartitionMap
from actors.runtime.partition_record import MapDisagrees, agree, repartition
from cluster.local import mongod, ports, record
from cluster.local.errors import DatabaseError, FolderError
from cluster.local.folder import DataFolder
from cluster.local.services import base_env
from cluster.local.waiting import until
from cluster.settings import Settings

Database = AsyncDatabase[dict[str, Any]]


def demand_agreement(settings: Settings) -> None:
    """Check the settings against the recorded map, recording it if there is none. Raises `DatabaseError`."""
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

    Raises `FolderError` when a copy runs here, `DatabaseError` when MongoDB does not answer.
    """
    known = record.load(folder.record)
    if known is not None and known.owner.alive():
        raise FolderError("Box Office runs here.", "End it first, with `boxoffice down`.")
    if settings.mongo_url is not None:
        mongod.demand_replica_set(settings.secret("MONGO_URL") or "")
        return _run(settings, lambda database: repartition(database, partitions))
    folder.claim()
    block = ports.choose(known.first_port if known else None)
    child = mongod.start(folder, block.mongod, mongod.binary(), base_env())
    try:
        if not until(lambda: mongod.try_primary(block.mongod), timeout_s=60):
            raise DatabaseError("MongoDB did not start.", f"Its log says why: {child.log}")
        alone = Settings.model_validate(settings.variables() | {"MONGO_URL": mongod.url(block.mongod)})
        return _run(alone, lambda database: repartition(database, partitions))
    finally:
        child.stop(grace_s=mongod.STOP_S)
        folder.release()


def _run(settings: Settings, work: Callable[[Database], Awaitable[PartitionMap]]) -> PartitionMap:
    async def run() -> PartitionMap:
        async with AsyncMongoClient[dict[str, Any]](settings.secret("MONGO_URL")) as client:
            return await work(client[settings.database])

    return asyncio.run(run())
