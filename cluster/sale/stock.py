"""The tickets of a sale: putting them on sale, and what is left of them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from bson import ObjectId

from cluster.local.errors import ProofError
from cluster.sale.passes import Pass
from cluster.sale.shop import Shop
from cluster.sale.shown import made_id
from cluster.sale.steps import Step, sell

CENTS_MIN, CENTS_MAX = 500, 15_000


@dataclass(frozen=True, slots=True)
class Stock:
    """How many of the sale's tickets are free, held and sold."""

    at_s: float = 0.0
    """When whoever looked was told, in seconds after the doors opened."""

    free: int = 0
    held: int = 0
    sold: int = 0
    is_after_gap: bool = False
    """Of the time since the last look nobody knows: one before failed, or this one took long."""


def new_name() -> str:
    """What no sale was called before: with it the titles of its tickets begin, so that they can be found again."""
    return f"Flash sale {ObjectId()}"


def lots(name: str, count: int, seed: int) -> list[tuple[Step, str]]:
    """The requests that list `count` new tickets of the sale `name`, each with its key."""
    chance, titles = Random(seed), [f"{name}, seat {number}" for number in range(1, count + 1)]
    return [(sell(title, chance.randint(CENTS_MIN, CENTS_MAX)), title) for title in titles]


async def put_on_sale(shop: Shop, sellers: Sequence[Pass], name: str, count: int, seed: int) -> list[ObjectId]:
    """`count` new tickets, sold by `sellers` in turn.

    Raises:
        ProofError: a ticket could not be listed.
    """

    async def one(number: int, step: Step, key: str) -> ObjectId:
        answer = await shop.ask(step, sellers[number % len(sellers)].session, key)
        if answer.status != 201:
            sentence = f"A ticket could not be listed at {shop.url} ({answer.words})."
            raise ProofError(sentence, "Look whether it is ready.")
        return made_id(shop.url, answer.body)

    return await asyncio.gather(*(one(number, *lot) for number, lot in enumerate(lots(name, count, seed))))
