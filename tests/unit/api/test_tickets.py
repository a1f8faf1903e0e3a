"""serve_app.api.tickets, paging, reads and views."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from bson import ObjectId
from starlette.datastructures import QueryParams

from actors.contract import CreateTicket, EditTicket, OutcomeUnknown, Overloaded
from serve_app import views
from serve_app.page import Page, tickets_filter
from serve_app.paging import next_link, page_in
from tests.unit.api.fakes import NOON, FakeOffice

ADA, EVE = ObjectId(), ObjectId()
SILENCE = [Overloaded(reason="full"), OutcomeUnknown(reason="lost")]


async def sell(client: httpx.AsyncClient, title: str = "Seat", price: Any = 20.5) -> dict[str, Any]:
    answer = await client.post("/api/tickets", json={"title": title, "price": price})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


async def test_a_ticket_from_its_sale_to_its_edition() -> None:
    office = FakeOffice()
    async with office.client(ADA) as ada, office.client() as anyone:
        ticket = await sell(ada, price="20.50")
        assert ticket == {"id": ticket["id"], "title": "Seat", "price": 20.5, "userId": str(ADA), "version": 0}
        path = f"/api/tickets/{ticket['id']}"
        assert (await anyone.get(path)).json() == ticket
        edited = await ada.put(path, json={"title": "Row 2", "price": 7})
        assert edited.json() == {**ticket, "title": "Row 2", "price": 7, "version": 1}
        assert (await anyone.get(path)).json() == edited.json()


async def test_who_may_not() -> None:
    office = FakeOffice()
    async with office.client(ADA) as ada, office.client(EVE) as eve, office.client() as anyone:
        path = f"/api/tickets/{(await sell(ada))['id']}"
        body = {"title": "Mine", "price": 1}
        assert code(await eve.put(path, json=body)) == (401, "not_the_seller")
        assert code(await anyone.put(path, json=body)) == (401, "not_signed_in")
        assert code(await anyone.post("/api/tickets", json=body)) == (401, "not_signed_in")
        assert code(await eve.put(f"/api/tickets/{ObjectId()}", json=body)) == (404, "ticket_not_found")
        assert code(await eve.put("/api/tickets/1", json=body)) == (404, "ticket_not_found")
        await eve.post("/api/orders", json={"ticketId": path[-24:]})
        assert code(await ada.put(path, json=body)) == (400, "ticket_reserved")


async def test_who_keeps_a_ticket_asks_whether_it_is_still_so() -> None:
    async with FakeOffice().client(ADA) as ada:
        ticket = await sell(ada)
        for path in ("/api/tickets", f"/api/tickets/{ticket['id']}"):
            answer = await ada.get(path)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache"), path


@pytest.mark.parametrize("reply", SILENCE, ids=lambda each: each.reason)
async def test_actors_that_do_not_answer(reply: Overloaded | OutcomeUnknown) -> None:
    office = FakeOffice()
    office.actors.answer(CreateTicket, reply)
    office.actors.answer(EditTicket, reply)
    expected = (503, "overloaded" if isinstance(reply, Overloaded) else "outcome_unknown")
    async with office.client(ADA) as ada:
        body = {"title": "Seat", "price": 1}
        assert code(await ada.post("/api/tickets", json=body)) == expected
        assert code(await ada.put(f"/api/tickets/{ObjectId()}", json=body)) == expected


async def test_pages_are_oldest_first_and_linked() -> None:
    office = FakeOffice()
    async with office.client(ADA) as ada:
        tickets = []
        for n in range(5):  # two of a moment each: the id decides
            office.clock.advance(seconds=n % 2)
            tickets.append(await sell(ada, f"Seat {n}"))
        stored = office.database["tickets"].documents
        tickets.sort(key=lambda each: (stored[ObjectId(each["id"])]["createdAt"], each["id"]))

        first = await ada.get("/api/tickets?limit=2&q=seat&available=true")
        assert first.json() == tickets[:2]
        link = first.headers["link"]
        assert link == f'</api/tickets?limit=2&after={tickets[1]["id"]}&available=true&q=seat>; rel="next"'
        second = await ada.get(first.links["next"]["url"])
        last = await ada.get(second.links["next"]["url"])
        assert [*second.json(), *last.json()] == tickets[2:]
        assert "link" not in last.headers


async def test_a_page_after_a_ticket_that_does_not_exist() -> None:
    async with FakeOffice().client() as client:
        assert code(await client.get(f"/api/tickets?after={ObjectId()}")) == (400, "invalid_query")


@pytest.mark.parametrize(
    ("query", "page"),
    [("", Page()), ("limit=7&x=y", Page(limit=7)), ("available=false&q=a%20b", Page(available=False, q="a b")),
     (f"after={ADA}", Page(after=ADA)), ("q=%20Jazz%20", Page(q="Jazz")), ("q=%20%20", Page()),
     ("q=U%CC%88bung", Page(q="\u00dcbung")), (f"q={'x' * 200}%20", Page(q="x" * 200))],
)  # fmt: skip
def test_pages(query: str, page: Page) -> None:
    assert page_in(QueryParams(query)) == page


def test_links_carry_the_whole_question() -> None:
    page = Page(limit=3, available=False, q="a&b=ü")
    assert next_link("/t", page, ADA) == f'</t?limit=3&after={ADA}&available=false&q=a%26b%3D%C3%BC>; rel="next"'


async def test_a_search_finds_titles_however_both_are_typed() -> None:
    async with FakeOffice().client(ADA) as ada:
        tickets = [await sell(ada, title) for title in (" U\u0308bung 1 ", "\u00dcbung 2", "Jazz")]
        for q in ("\u00fcbung ", " U\u0308bung"):
            first = await ada.get("/api/tickets", params={"q": q, "limit": 1})
            second = await ada.get(first.links["next"]["url"])
            assert [*first.json(), *second.json()] == tickets[:2]
            assert "link" not in second.headers
        assert (await ada.get("/api/tickets?q=Jazz%20")).json() == tickets[2:]
        assert (await ada.get("/api/tickets?q=%20")).json() == tickets, "spaces alone are no search"


@pytest.mark.parametrize("q", ["x" * 201, "a\0", "a\n", "\n"])
async def test_what_is_no_search(q: str) -> None:
    async with FakeOffice().client() as client:
        assert code(await client.get("/api/tickets", params={"q": q})) == (400, "invalid_query")


def test_the_condition_of_a_page() -> None:
    after = {"_id": ADA, "createdAt": NOON}
    assert tickets_filter(Page(available=True, q="a.b"), after) == {
        "createdAt": {"$gte": NOON},
        "$or": [{"createdAt": {"$gt": NOON}}, {"_id": {"$gt": ADA}}],
        "hold": {"$exists": False},
        "title": {"$regex": r"a\.b", "$options": "i"},
    }
    assert tickets_filter(Page(), None) == {}


def test_behind_a_ticket_whose_price_has_changed() -> None:
    after = {"_id": ADA, "price": 900}
    for at, place in ((None, 900), (500, 500)):
        assert tickets_filter(Page(sort="dearest", at=at), after) == {
            "price": {"$lte": place},
            "$or": [{"price": {"$lt": place}}, {"_id": {"$lt": ADA}}],
        }


@pytest.mark.parametrize(
    ("at", "shown"),
    [(datetime(2030, 1, 2, 3, 4, 5, 678000, UTC), "2030-01-02T03:04:05.678Z"),
     (datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))), "2030-01-02T01:04:05.000Z")],
)  # fmt: skip
def test_moments(at: datetime, shown: str) -> None:
    assert views.moment(at) == shown


def test_nothing_else_of_a_snapshot_is_shown() -> None:
    document = {"_id": ADA, "title": "Seat", "price": 1, "userId": EVE, "version": 3, "sold": True, "remembered": [1],
                "hold": {"orderId": EVE, "userId": EVE}, "outbox": [1], "slot": 7}  # fmt: skip
    assert views.ticket(document) == {
        "id": str(ADA), "title": "Seat", "price": 0.01, "userId": str(EVE), "version": 3, "orderId": str(EVE)
    }  # fmt: skip
