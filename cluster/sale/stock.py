"""The tickets of a sale: putting them on sale, and what is left of them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from bson import ObjectId

from cluster.local.errors import ProofError
from cluster.sale.passes import Pass
from cluster.sale.shop import Shop
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


def lots(count: int, seed: int) -> list[tuple[Step, str]]:
    """The requests that list `count` new tickets, each with its key."""
    chance, sale = Random(seed), ObjectId()
    return [
        (sell(f"Flash sale {sale}, seat {number}", chance.randint(CENTS_MIN, CENTS_MAX)), f"{sale}-seat-{number}")
        for number in range(1, count + 1)
    ]


async def put_on_sale(shop: Shop, sellers: Sequence[Pass], count: int, seed: int) -> list[ObjectId]:
    """`count` new tickets, sold by `sellers` in turn.

    Raises:
        ProofError: a ticket could not be listed.
    """

    async def one(number: int, step: Step, key: str) -> ObjectId:
        answer = await shop.ask(step, sellers[number % len(sellers)].session, key)
        if answer.status != 201:
            sentence = f"A ticket could not be listed at {shop.url} ({answer.words})."
            raise ProofError(sentence, "Look whether it is ready.")
        return ObjectId(answer.body["id"])

    return await asyncio.gather(*(one(number, *lot) for number, lot in enumerate(lots(count, seed))))
