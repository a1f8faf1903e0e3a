"""Opening the database that all actors share, and agreeing on its partitions."""

import asyncio
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError
from pymongo.read_preferences import ReadPreference

from actors.config import Config
from actors.contract import SERVICES
from actors.runtime.mongo_store import prepare
from actors.runtime.partition import PartitionMap
from actors.runtime.partition_record import agree
from actors.runtime.tasks import log

Database = AsyncDatabase[dict[str, Any]]

OPEN_EVERY_S = 1.0
"""How often a database that does not answer is tried again."""


def open_database(config: Config) -> Database:
    """The database; short time-outs, for a turn that cannot reach it says so and is repeated.

    It is read from the primary, whatever the URL prefers: a secondary may not know yet what was just committed.
    """
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        config.mongo_url,
        tz_aware=True,
        appname="boxoffice",
        maxPoolSize=32,
        serverSelectionTimeoutMS=3_000,
        connectTimeoutMS=3_000,
        socketTimeoutMS=15_000,
    )
    return client.get_database(config.database, read_preference=ReadPreference.PRIMARY)


async def open_partitions(config: Config) -> tuple[Database, PartitionMap]:
    """The database with its indexes, and the partition map that is in force.

    Raises:
        MapDisagrees: the settings want another map than the recorded one.
        pymongo.errors.PyMongoError: the database does not answer.
    """
    database = open_database(config)
    try:
        await prepare(database, SERVICES)
        return database, await agree(database, config.partitions)
    except PyMongoError:
        await database.client.close()
        raise


async def wait_for_partitions(config: Config) -> tuple[Database, PartitionMap]:
    """The same, once the database answers, however long that takes.

    Ray starts a supervisor again whose process has died, but never one whose constructor failed: were MongoDB away for
    a moment just then, nobody would serve the partition any more.

    Raises:
        MapDisagrees: the settings want another map than the recorded one.
    """
    while True:
        try:
            return await open_partitions(config)
        except PyMongoError as error:
            log.warning("the database cannot be opened yet: %s", error)
            await asyncio.sleep(OPEN_EVERY_S)
