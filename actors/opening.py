"""Opening the database that all actors share, and agreeing on its partitions."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_preferences import ReadPreference

from actors.config import Config
from actors.contract import SERVICES
from actors.runtime.mongo_store import prepare
from actors.runtime.partition import PartitionMap
from actors.runtime.partition_record import agree
from actors.runtime.tasks import log

T = TypeVar("T")

Database = AsyncDatabase[dict[str, Any]]

OPEN_EVERY_S = 1.0
"""How often a database that does not answer is tried again."""


DISAGREEMENTS = frozenset({85, 86})
"""IndexOptionsConflict, IndexKeySpecsConflict: waiting mends nothing."""


def open_database(config: Config) -> Database:
    """The database; short time-outs, for a turn that cannot reach it says so and is repeated.

    It is read from the primary, whatever the URL prefers: a secondary may not know yet what was just committed.
    """
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        config.mongo_url,
        tz_aware=True,
        appname="boxoffice",
        maxPoolSize=32,
        waitQueueTimeoutMS=5_000,
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
    """The same, once the database answers.

    Raises:
        MapDisagrees: the settings want another map than the recorded one.
    """
    return await once_it_answers(lambda: open_partitions(config))


async def once_it_answers(work: Callable[[], Awaitable[T]]) -> T:
    """What `work` comes to once the database answers, however long that takes.

    Ray starts a supervisor again whose process has died, but never one whose constructor failed, and Serve gives up on
    replicas after a few that did: were MongoDB away for a moment just then, nobody would do their work any more.

    Raises:
        pymongo.errors.OperationFailure: it has answered, and an index that exists is another one.
    """
    while True:
        try:
            return await work()
        except PyMongoError as error:
            if isinstance(error, OperationFailure) and error.code in DISAGREEMENTS:
                raise
            log.warning("the database cannot be opened yet: %s", error)
            await asyncio.sleep(OPEN_EVERY_S)
