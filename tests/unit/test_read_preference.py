"""Everything is read from the primary, whatever the URL prefers: a secondary may not know what was just committed."""

from typing import Any

import pytest
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference

from actors.config import Config
from actors.opening import open_database
from actors.runtime.clock import SystemClock
from actors.runtime.codec import Document
from actors.runtime.partition import PartitionMap
from actors.runtime.partition_record import agree
from cluster.audit.books import Books
from cluster.audit.run import opened
from cluster.audit.sources import Sources
from cluster.sale.books_witness import BooksWitness
from cluster.sale.figures import Figures
from cluster.sale.place import Place
from cluster.sale.stage import Stage, witnesses_of
from serve_app.ledger import WRITE_MS_MAX, Ledger
from serve_app.reads import Reads

URL = "mongodb://127.0.0.1:9/?readPreference=secondaryPreferred"
WHERE = Sources(mongo_url=URL, database="boxoffice", stripe_key="", stripe_api_base=None)
LASTING = ReadPreference.PRIMARY, ReadConcern("majority")


class Lagging:
    """A database that knows of its partition map when it is read from the primary."""

    def get_collection(self, _name: str, *, read_preference: Any = None) -> "Lagging":
        self.read_preference = read_preference
        return self

    async def find_one(self, _wanted: Any) -> dict[str, Any] | None:
        return {"version": 3, "partitions": 2} if self.read_preference == ReadPreference.PRIMARY else None


async def test_by_the_actors() -> None:
    database = open_database(Config(mongo_url=URL, jwt_key="", stripe_key=""))
    assert database.read_preference == ReadPreference.PRIMARY
    await database.client.close()


async def test_by_the_api_which_reads_what_lasts() -> None:
    client: AsyncMongoClient[Document] = AsyncMongoClient(URL)
    found = collections_of(Reads(client.boxoffice))
    assert len(found) == 3
    assert all((each.read_preference, each.read_concern) == LASTING for each in found)
    await client.close()


async def test_by_keyed_requests_which_read_and_write_what_lasts() -> None:
    client: AsyncMongoClient[Document] = AsyncMongoClient(URL)
    [entries] = collections_of(Ledger(client.boxoffice, SystemClock()))
    assert (entries.read_preference, entries.read_concern) == LASTING
    assert entries.write_concern == WriteConcern("majority", wtimeout=WRITE_MS_MAX, j=True)
    await client.close()


def collections_of(part: object) -> list[AsyncCollection[Document]]:
    return [each for each in vars(part).values() if isinstance(each, AsyncCollection)]


async def test_by_those_who_ask_for_the_partition_map() -> None:
    database: Any = Lagging()
    assert await agree(database, 2) == PartitionMap(3, 2)


def test_by_the_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Books, "is_office", lambda _: True)
    with opened(WHERE) as books:
        assert books._database.read_preference == ReadPreference.PRIMARY


async def test_by_a_sale() -> None:
    nobody: Any = None
    shop = Place(url="http://shop", is_own=False, jwt_key=None, books=WHERE)
    async with witnesses_of(shop, Stage([], []), nobody, Figures()) as witnesses:
        [books] = [each for each in witnesses if isinstance(each, BooksWitness)]
        assert books.database.read_preference == ReadPreference.PRIMARY
