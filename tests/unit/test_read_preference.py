"""Everything is read from the primary, whatever the URL prefers: a secondary may not know what was just committed."""

from typing import Any

import pytest
from pymongo.read_preferences import ReadPreference

from actors.config import Config
from actors.opening import open_database
from actors.runtime.partition import PartitionMap
from actors.runtime.partition_record import agree
from cluster.audit.books import Books
from cluster.audit.run import opened
from cluster.audit.sources import Sources
from cluster.sale.books_witness import BooksWitness
from cluster.sale.figures import Figures
from cluster.sale.place import Place
from cluster.sale.stage import Stage, witnesses_of

URL = "mongodb://127.0.0.1:9/?readPreference=secondaryPreferred"
WHERE = Sources(mongo_url=URL, database="boxoffice", stripe_key="", stripe_api_base=None)


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
