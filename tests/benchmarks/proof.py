"""What was answered, compared with what is stored: a speed that loses orders is none."""

import time
from collections.abc import Sequence

from bson import ObjectId

from tests.benchmarks.sides import Side
from tests.benchmarks.wrk import Load, LoadError
from tests.waiting import wait_for

SETTLES_S = 60


def settle(side: Side) -> float:
    """Wait until everything that was promised is done: how many seconds that took.

    Raises:
        AssertionError: it did not within `SETTLES_S`.
    """
    began = time.monotonic()
    wait_for(f"{side.name} has said everything", side.is_settled, SETTLES_S)
    return time.monotonic() - began


def prove(side: Side, tickets: Sequence[str], load: Load) -> None:
    """Each 201 is one stored order of one of `tickets`, and no ticket has two.

    Raises:
        LoadError: orders are missing, too many, or share a ticket.
    """
    assert side.database is not None, "orders are stored somewhere"
    wanted = {"ticket.id": {"$in": [ObjectId(each) for each in tickets]}, "status": "created"}
    sold = [each["ticket"]["id"] for each in side.database["orders"].find(wanted, {"ticket.id": 1})]
    answered, stored, distinct = load.answers["201"], len(sold), len(set(sold))
    if not answered == stored == distinct:
        raise LoadError(f"{side.name}: {answered} answers of 201, {stored} orders of {distinct} tickets")
