"""What must be there before the doors open: tickets, people who are signed in, and a witness."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo import AsyncMongoClient
from pymongo.read_concern import ReadConcern

from cluster.sale.api_witness import ApiWitness
from cluster.sale.books_witness import BooksWitness
from cluster.sale.figures import Figures
from cluster.sale.passes import Pass, demand_known, made, signed_up
from cluster.sale.place import Place
from cluster.sale.plan import Plan
from cluster.sale.shop import Shop
from cluster.sale.stock import put_on_sale
from cluster.sale.witness import Witness

SELLERS = 3


@dataclass(frozen=True, slots=True)
class Stage:
    """Tickets, and those who want them."""

    tickets: Sequence[ObjectId]
    people: Sequence[Pass]


async def set_up(plan: Plan, place: Place, shop: Shop) -> Stage:
    """List the tickets, and sign everybody in.

    Raises:
        ProofError: the marketplace refused, or knows no session under this key.
    """
    sellers = await signed_up(SELLERS, shop)
    people = made(plan.buyers, place.jwt_key) if place.jwt_key else await signed_up(plan.buyers, shop)
    await demand_known(people[0], shop)
    return Stage(await put_on_sale(shop, sellers, plan.tickets, plan.seed), people)


@asynccontextmanager
async def witnesses_of(place: Place, stage: Stage, shop: Shop, told: Figures) -> AsyncIterator[Sequence[Witness]]:
    """Who is asked what has become of the sale: MongoDB first, where it can be read, and the API always."""
    sessions = {each.user_id: each.session for each in stage.people}
    api = ApiWitness(shop=shop, sessions=sessions, tickets=stage.tickets, told=told)
    if place.books is None:
        yield [api]
        return
    found: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(place.books.mongo_url, tz_aware=True)
    async with found as client:
        database = client.get_database(place.books.database, read_concern=ReadConcern("majority"))
        yield [BooksWitness(database=database, tickets=stage.tickets), api]
