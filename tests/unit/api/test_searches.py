"""serve_app.reads, page and places: whoever searches takes neither all the time nor all the connections."""

import asyncio
from typing import Any, cast

import pytest
from bson import ObjectId
from pymongo.errors import ExecutionTimeout

from serve_app.page import Page
from serve_app.reads import SEARCHES_MAX, SEARCHES_WAITING_MAX, Reads
from serve_app.refusals import ApiError
from tests.unit.api.fakes import FakeOffice, until
from tests.unit.fake_mongo import FakeCursor, FakeDatabase
from tests.unit.web.browser import browsing
from tests.unit.web.shop import EVE, listed, reserved

SLOW = ExecutionTimeout("operation exceeded time limit")


@pytest.mark.parametrize(
    ("page", "is_search"),
    [(Page(), False), (Page(sort="cheapest", seller=ObjectId()), False), (Page(q="a"), True),
     (Page(available=True), True), (Page(available=False), True)],
)  # fmt: skip
def test_what_is_a_search(page: Page, is_search: bool) -> None:
    assert page.is_search is is_search


@pytest.mark.parametrize("path", ["/api/tickets?q=zzzz", "/api/tickets?available=false", "/?q=zzzz"])
async def test_a_search_that_takes_too_long_is_given_up(path: str) -> None:
    office = FakeOffice()
    with office.broken(SLOW, "max_time_ms"):
        async with office.client() as somebody:
            answer = await somebody.get(path)
            assert (await somebody.get(path.partition("?")[0])).status_code == 200, "a list is no search"
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "something narrower" in answer.text


async def test_who_comes_too_late_hears_so_though_there_is_nothing_to_offer_in_time() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve, browsing(office, ObjectId()) as late:
        form = (await late.open(ticket)).form("/orders")
        await reserved(eve, ticket)
        with office.broken(SLOW, "max_time_ms"):
            page = await late.send(form)
            assert (page.status, "Somebody was quicker" in page.text) == (409, True)
            assert (await late.open(ticket)).status == 200


async def test_offers_are_looked_for_once_for_all_who_come_at_once() -> None:
    database = FakeDatabase()
    reads = Reads(cast("Any", database))
    await asyncio.gather(*(reads.offers(6) for _ in range(100)))
    assert database["tickets"].calls.count("find") <= 2


async def test_more_searches_than_there_are_places(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given searches in which nothing is found yet, in all places and all that may wait for one,
    reads, found, asked = Reads(cast("Any", FakeDatabase())), asyncio.Event(), 0

    async def slow(_cursor: FakeCursor, _length: int | None = None) -> list[Any]:
        nonlocal asked
        asked += 1
        await found.wait()
        return []

    monkeypatch.setattr(FakeCursor, "to_list", slow)
    page = Page(q="zzzz")
    searches = [asyncio.ensure_future(reads.tickets(page, None)) for _ in range(SEARCHES_MAX + SEARCHES_WAITING_MAX)]
    await until("searches in all places", lambda: asked == SEARCHES_MAX)

    # when somebody else searches, then they are told that too many do,
    with pytest.raises(ApiError, match="overloaded"):
        await reads.tickets(page, None)

    # a list is read as ever, and so is what is offered beside something else,
    plain = [asyncio.ensure_future(reads.tickets(Page(), None)), asyncio.ensure_future(reads.offers(6))]
    await until("a list and offers", lambda: asked == SEARCHES_MAX + 2)

    # and all who waited have their turn.
    found.set()
    await asyncio.gather(*plain, *searches)
    assert asked == SEARCHES_MAX + SEARCHES_WAITING_MAX + 2
