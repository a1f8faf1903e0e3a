"""What must be there before the doors open: tickets, people who are signed in, and a witness."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId
from pymongo import AsyncMongoClient
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference

from actors.runtime.clock import Clock, SystemClock
from cluster.local.errors import ProofError
from cluster.sale.api_witness import ApiWitness
from cluster.sale.books_witness import BooksWitness
from cluster.sale.figures import Figures
from cluster.sale.passes import Pass, demand_known, made, signed_up
from cluster.sale.patience import prepare_max_s
from cluster.sale.place import Place
from cluster.sale.plan import Plan
from cluster.sale.ready import demand_ready
from cluster.sale.shop import Shop
from cluster.sale.stock import new_name, put_on_sale
from cluster.sale.witness import Witness

SELLERS = 3


@dataclass(frozen=True, slots=True)
class Stage:
    """Tickets, and those who want them."""

    tickets: Sequence[ObjectId]
    people: Sequence[Pass]
    clock: Clock = field(default_factory=SystemClock)
    """The marketplace's own."""

    name: str = ""
    """Of the sale: with it the titles of its tickets begin."""


async def set_up(plan: Plan, place: Place, shop: Shop) -> Stage:
    """List the tickets, and sign everybody in.

    Raises:
        ProofError: the marketplace is not ready, refused, knows no session under this key, or took too long.
    """
    clock = await demand_ready(shop)
    limit_s = prepare_max_s(SELLERS + (0 if place.jwt_key else plan.buyers), plan.tickets)
    try:
        async with asyncio.timeout(limit_s):
            return await _set_up(plan, place, shop, clock)
    except TimeoutError as error:
        sentence = f"Tickets and buyers were not ready at {shop.url} within {limit_s:,.0f} s."
        advice = "Look whether it still runs. A slower one needs fewer --tickets, or its JWT_KEY instead of sign-ups."
        raise ProofError(sentence, advice) from error


async def _set_up(plan: Plan, place: Place, shop: Shop, clock: Clock) -> Stage:
    sellers = await signed_up(SELLERS, shop)
    people = made(plan.buyers, place.jwt_key) if place.jwt_key else await signed_up(plan.buyers, shop)
    await demand_known(people[0], shop)
    tickets = await put_on_sale(shop, sellers, name := new_name(), plan.tickets, plan.seed)
    return Stage(tickets, people, clock, name)


@asynccontextmanager
async def witnesses_of(place: Place, stage: Stage, shop: Shop, told: Figures) -> AsyncIterator[Sequence[Witness]]:
    """Who is asked what has become of the sale: MongoDB first, where it can be read, and the API always."""
    sessions = {each.user_id: each.session for each in stage.people}
    api = ApiWitness(shop=shop, sessions=sessions, tickets=stage.tickets, told=told, clock=stage.clock)
    if place.books is None:
        yield [api]
        return
    found: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(place.books.mongo_url, tz_aware=True)
    async with found as client:
        # Whatever the URL prefers: a secondary may not know yet what buyers were told.
        primary, majority = ReadPreference.PRIMARY, ReadConcern("majority")
        database = client.get_database(place.books.database, read_preference=primary, read_concern=majority)
        yield [BooksWitness(database=database, tickets=stage.tickets), api]
