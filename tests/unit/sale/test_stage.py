"""Who is heard in the end."""

from dataclasses import replace
from typing import Any

from cluster.audit.sources import Sources
from cluster.sale.api_witness import ApiWitness
from cluster.sale.books_witness import BooksWitness
from cluster.sale.figures import Figures
from cluster.sale.place import Place
from cluster.sale.stage import Stage, witnesses_of

NOBODY: Any = None
THERE = Place(url="http://127.0.0.1:9", is_own=False, jwt_key=None)
BOOKS = Sources(mongo_url="mongodb://127.0.0.1:9", database="shop", stripe_key="", stripe_api_base=None)


async def kinds(place: Place) -> list[type]:
    async with witnesses_of(place, Stage([], []), NOBODY, Figures()) as witnesses:
        return [type(each) for each in witnesses]


async def test_the_api_is_heard_also_where_mongodb_can_be_read() -> None:
    assert await kinds(THERE) == [ApiWitness]
    assert await kinds(replace(THERE, books=BOOKS)) == [BooksWitness, ApiWitness]
