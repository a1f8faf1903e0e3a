"""What was answered, compared with what is stored: a speed that loses orders is none."""

import time
from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from cluster.audit.batches import batches
from tests.benchmarks import seeding
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


def prove(side: Side, tickets: Sequence[str], load: Load, *, under_way: int = 0) -> None:
    """Each 201 is a stored order of one of `tickets`, no ticket has two, and no order is stored that nobody heard of.

    But for those of the requests that were `under_way` when the load ended: nobody waited for their answers.

    Raises:
        LoadError: orders are missing, too many, or share a ticket.
    """
    assert side.database is not None, "orders are stored somewhere"
    wanted = {"ticket.id": {"$in": [ObjectId(each) for each in tickets]}, "status": "created"}
    sold = {str(each["_id"]): each["ticket"]["id"] for each in side.database["orders"].find(wanted, {"ticket.id": 1})}
    told = set(load.granted)
    lost, untold, distinct = told - sold.keys(), len(sold.keys() - told), len(set(sold.values()))
    if lost or untold > under_way or distinct != len(sold) or len(told) != load.answers.get("201", 0):
        found = f"{len(sold)} orders of {distinct} tickets, {len(lost)} lost, {untold} that nobody was told of"
        raise LoadError(f"{side.name}: {load.answers.get('201', 0)} answers of 201, {found}")


def lost(database: Database[dict[str, Any]], told: Sequence[str]) -> list[str]:
    """Those of the acknowledged orders that are not stored."""
    found: list[str] = []
    for batch in batches(told, seeding.BATCH):
        query = database["orders"].find({"_id": {"$in": [ObjectId(each) for each in batch]}}, {"_id": 1})
        found += sorted(set(batch) - {str(each["_id"]) for each in query})
    return found
