"""The partition map as the database records it: one truth for everyone who routes."""

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from actors.runtime.codec import Document
from actors.runtime.partition import PartitionMap

RECORD = "partition-map"


class MapDisagrees(Exception):
    """The settings ask for another number of partitions than the database records."""

    def __init__(self, recorded: int, wanted: int) -> None:
        """`recorded` partitions per service are in force, `wanted` are in the settings."""
        super().__init__(f"{recorded} partitions per service are recorded, the settings say {wanted}")
        self.recorded = recorded


async def agree(database: AsyncDatabase[Document], partitions: int) -> PartitionMap:
    """The recorded map; the first who asks records it.

    Raises:
        MapDisagrees: another number of partitions is recorded.
    """
    office = database.get_collection("office")
    found = await office.find_one({"_id": RECORD})
    if found is None:
        try:
            await office.insert_one({"_id": RECORD, "version": 1, "partitions": partitions})
        except DuplicateKeyError:
            return await agree(database, partitions)  # somebody else was first
        return PartitionMap(1, partitions)
    if found["partitions"] != partitions:
        raise MapDisagrees(found["partitions"], partitions)
    return PartitionMap(found["version"], partitions)


async def repartition(database: AsyncDatabase[Document], partitions: int) -> PartitionMap:
    """Record a new map. Supervisors under the old one refuse messages under this; so stop them first."""
    office = database.get_collection("office")
    change = {"$set": {"partitions": partitions}, "$inc": {"version": 1}}
    found = await office.find_one_and_update({"_id": RECORD}, change, upsert=True, return_document=True)
    assert found is not None, "an upsert returns what it made"
    return PartitionMap(found["version"], partitions)
