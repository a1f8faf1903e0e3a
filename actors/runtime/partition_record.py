"""The partition map as the database records it: one truth for everyone who routes."""

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError
from pymongo.read_preferences import ReadPreference

from actors.runtime.codec import Document
from actors.runtime.partition import PartitionMap

RECORD = "partition-map"


class MapDisagrees(Exception):
    """The settings ask for another number of partitions than the database records."""

    def __init__(self, recorded: int, wanted: int) -> None:
        """`recorded` partitions per service are in force, `wanted` are in the settings."""
        super().__init__(f"{recorded} partitions per service are recorded, the settings say {wanted}")
        self.recorded = recorded


class NoOffice(Exception):
    """No office has ever started in this database: there is no map to change."""


async def agree(database: AsyncDatabase[Document], partitions: int) -> PartitionMap:
    """The recorded map; the first who asks records it.

    Raises:
        MapDisagrees: another number of partitions is recorded.
    """
    office = _office(database)
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
    """Record a new map. Supervisors under the old one refuse messages under this; so stop them first.

    Raises:
        NoOffice: none is recorded.
    """
    change = {"$set": {"partitions": partitions}, "$inc": {"version": 1}}
    found = await _office(database).find_one_and_update({"_id": RECORD}, change, return_document=True)
    if found is None:
        raise NoOffice
    return PartitionMap(found["version"], partitions)


def _office(database: AsyncDatabase[Document]) -> AsyncCollection[Document]:
    # From the primary, whatever the URL prefers: a secondary may not know of the record yet.
    return database.get_collection("office", read_preference=ReadPreference.PRIMARY)
