"""The buyers: who wants which ticket, and what each does with it. Pure."""

from dataclasses import dataclass
from random import Random

from bson import ObjectId

from cluster.sale.arrival import arrivals
from cluster.sale.plan import WISHES, Plan, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """One buyer, and everything he will do."""

    number: int
    at_s: float
    """When he comes, in seconds after the doors open."""

    ticket: int
    """Which ticket he wants, counted from 0."""

    wish: Wish
    """What he does with a ticket that he gets."""

    repeats: bool
    """He sends his request once more under the same key."""

    think_s: float
    key: str
    """Makes the idempotency keys of his requests."""


def crowd(plan: Plan) -> list[Buyer]:
    """All buyers of a sale, earliest first."""
    chance = Random(plan.seed)
    moments = arrivals(plan.curve, plan.buyers, plan.seconds, chance)
    # Keys are new at every sale: under yesterday's keys everybody would hear yesterday's answers.
    sale = ObjectId()
    return [drawn(plan, chance, number, at_s, f"{sale}-{number}") for number, at_s in enumerate(moments)]


def drawn(plan: Plan, chance: Random, number: int, at_s: float, key: str) -> Buyer:
    """One buyer, as likely of each kind as the plan says."""
    return Buyer(
        number=number,
        at_s=at_s,
        ticket=chance.randrange(plan.tickets),
        wish=chance.choices(WISHES, plan.shares)[0],
        repeats=chance.random() < plan.repeat,
        think_s=chance.expovariate(1 / plan.think_s) if plan.think_s else 0.0,
        key=key,
    )
