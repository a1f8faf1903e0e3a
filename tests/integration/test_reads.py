"""serve_app.reads against a real MongoDB: what only it can say."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from actors.opening import Database
from serve_app import indexes
from serve_app.page import Page
from serve_app.reads import Reads
from serve_app.refusals import ApiError

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
MANY = 20_000
"""Tickets that nobody can look through in a millisecond."""


async def test_a_search_ends_with_its_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await indexes.prepare(database)
    await database["tickets"].insert_many([{"title": f"seat {n}", "createdAt": NOON} for n in range(MANY)])
    monkeypatch.setattr("serve_app.reads.SEARCH_MS_MAX", 1)
    reads = Reads(database)

    with pytest.raises(ApiError, match="overloaded"):
        await reads.tickets(Page(q="zzzz"), None)

    assert len(await reads.tickets(Page(limit=7), None)) == 8, "a list has all the time it needs"


async def test_orders_page_by_page_newest_first(database: Database) -> None:
    # Given orders of one buyer, two of a moment each, and somebody else's,
    await indexes.prepare(database)
    eve, orders = ObjectId(), database["orders"]
    made = [{"_id": ObjectId(), "userId": eve, "createdAt": NOON + timedelta(seconds=n // 2)} for n in range(7)]
    await orders.insert_many([*made, {"_id": ObjectId(), "userId": ObjectId(), "createdAt": NOON}])
    reads = Reads(database)

    # when the pages are turned, then each order is there once, the newest first.
    after, seen = None, []
    while found := await reads.latest_orders_of(eve, after, 2):
        seen += [each["_id"] for each in found[:2]]
        after = found[:2][-1]
    newest_first = sorted(made, key=lambda each: (each["createdAt"], each["_id"]), reverse=True)
    assert seen == [each["_id"] for each in newest_first]
