"""API.md, /api/tickets: what is on sale."""

import httpx
import pytest

from tests.integration.contract.people import NOWHERE, Json, Person, error, refused
from tests.integration.office import Office

# Orders and payments walk through both placements; what is decided before an actor is asked needs one.
pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")

NOT_FOUND = error("ticket_not_found", "There is no such ticket")


def test_selling_a_ticket(seller: Person, anyone: httpx.Client) -> None:
    answer = seller.post("/api/tickets", {"title": "  Front row ", "price": 20.1})

    assert answer.status_code == 201
    ticket = answer.json()
    expected = {"id": ticket["id"], "title": "Front row", "price": 20.1, "userId": seller.user_id, "version": 0}
    assert ticket == expected
    assert anyone.get(f"/api/tickets/{ticket['id']}").json() == expected


@pytest.mark.parametrize(
    ("given", "shown", "cents"),
    [("20.00", 20, 2000), ("0.01", 0.01, 1), (999999.99, 999999.99, 99999999), (1.1, 1.1, 110), ("7", 7, 700)],
)
def test_prices_are_exact(seller: Person, office: Office, given: object, shown: float, cents: int) -> None:
    ticket = seller.post("/api/tickets", {"title": "Seat", "price": given}).json()

    assert ticket["price"] == shown
    stored = office.mongo.tickets.find_one({"userId": {"$exists": True}}, sort=[("createdAt", -1), ("_id", -1)])
    assert stored is not None
    assert (str(stored["_id"]), stored["price"]) == (ticket["id"], cents)


@pytest.mark.parametrize(
    "price",
    ["0", "-1", "1.001", "1e400", "NaN", "Infinity", "-Infinity", "true", "null", '"abc"', '"1.999"', '"NaN"', '""',
     "1000000", "[]", "{}", '"١"', "9" * 400, "1e-400", "0.001"],
)  # fmt: skip
def test_prices_that_are_none(seller: Person, price: str) -> None:
    body = f'{{"title": "Seat", "price": {price}}}'
    answer = seller.client.post("/api/tickets", content=body, headers={"Content-Type": "application/json"})
    assert refused(answer) == (400, [("invalid_price", "price")])


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, None, 7, [], {"a": 1}, "a\0b", "a\nb", "\ud800", "x\udfff"])
def test_titles_that_are_none(seller: Person, title: object) -> None:
    assert refused(seller.post("/api/tickets", {"title": title, "price": 1})) == (400, [("invalid_title", "title")])


def test_every_bad_field_is_named(seller: Person) -> None:
    answer = seller.post("/api/tickets", {})
    assert refused(answer) == (400, [("invalid_title", "title"), ("invalid_price", "price")])


def test_titles_of_all_the_worlds(seller: Person) -> None:
    title = "Ночь " + "🎟" * 195
    assert seller.sells(title)["title"] == title


def test_selling_needs_a_session(anyone: httpx.Client) -> None:
    answer = anyone.post("/api/tickets", json={"title": "Seat", "price": 1})
    assert refused(answer) == (401, [("not_signed_in", None)])


@pytest.mark.parametrize("ticket_id", [NOWHERE, "1", "x" * 24, "0" * 25, "0" * 23, "%00", "🎟"])
def test_tickets_that_do_not_exist(seller: Person, ticket_id: str) -> None:
    for answer in (
        seller.get(f"/api/tickets/{ticket_id}"),
        seller.put(f"/api/tickets/{ticket_id}", {"title": "Seat", "price": 1}),
    ):
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_editing_a_ticket(seller: Person, ticket: Json, anyone: httpx.Client) -> None:
    answer = seller.put(f"/api/tickets/{ticket['id']}", {"title": "Balcony", "price": "9.99"})

    expected = {**ticket, "title": "Balcony", "price": 9.99, "version": 1}
    assert (answer.status_code, answer.json()) == (200, expected)
    assert anyone.get(f"/api/tickets/{ticket['id']}").json() == expected


def test_who_may_not_edit(seller: Person, stranger: Person, anyone: httpx.Client, ticket: Json) -> None:
    path, body = f"/api/tickets/{ticket['id']}", {"title": "Mine", "price": 1}
    assert refused(stranger.put(path, body)) == (401, [("not_the_seller", None)])
    assert refused(anyone.put(path, json=body)) == (401, [("not_signed_in", None)])
    assert refused(seller.put(path, {"title": "", "price": 0})) == (
        400,
        [("invalid_title", "title"), ("invalid_price", "price")],
    )
    assert anyone.get(path).json() == ticket


def test_a_reserved_ticket_cannot_be_edited_and_shows_its_order(
    seller: Person, anyone: httpx.Client, ticket: Json, order: Json
) -> None:
    path = f"/api/tickets/{ticket['id']}"

    answer = seller.put(path, {"title": "Dearer", "price": 99})

    assert (answer.status_code, answer.json()) == (400, error("ticket_reserved", "This ticket is already reserved"))
    shown = anyone.get(path).json()
    assert shown["orderId"] == order["id"]
    assert shown.keys() == {"id", "title", "price", "userId", "version", "orderId"}


def listed(client: httpx.Client, path: str) -> list[Json]:
    """All pages of a list, by their links."""
    found: list[Json] = []
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        found += answer.json()
        path = answer.links.get("next", {}).get("url", "")
        assert not path or answer.json(), "an empty page leads nowhere"
    return found


def test_listing_page_by_page(seller: Person, anyone: httpx.Client) -> None:
    tickets = [seller.sells(f"Paged {seller.user_id} {n}") for n in range(5)]

    first = anyone.get("/api/tickets", params={"q": seller.user_id, "limit": 2})

    assert first.json() == tickets[:2]
    assert listed(anyone, f"/api/tickets?limit=2&q={seller.user_id}") == tickets
    assert listed(anyone, f"/api/tickets?after={tickets[2]['id']}&q={seller.user_id}") == tickets[3:]
    assert "link" not in anyone.get("/api/tickets", params={"q": seller.user_id, "limit": 5}).headers


def test_a_page_has_at_most_100_and_the_pages_have_all(ticket: Json, anyone: httpx.Client) -> None:
    assert len(anyone.get("/api/tickets").json()) <= 100
    everything = listed(anyone, "/api/tickets")
    assert [each for each in everything if each["id"] == ticket["id"]] == [ticket]
    assert len({each["id"] for each in everything}) == len(everything)


def test_held_and_sold_tickets_are_listed_too(buyer: Person, seller: Person, anyone: httpx.Client) -> None:
    free, held, sold = (seller.sells(f"{name} {seller.user_id}") for name in ("free", "held", "sold"))
    buyer.reserves(held)
    assert buyer.pays(buyer.reserves(sold)).status_code == 201

    def ids(**query: str) -> list[str]:
        return [each["id"] for each in anyone.get("/api/tickets", params={"q": seller.user_id, **query}).json()]

    assert ids() == [free["id"], held["id"], sold["id"]]
    assert ids(available="true") == [free["id"]]
    assert ids(available="false") == [held["id"], sold["id"]]


def test_searching_finds_exactly_what_is_written(seller: Person, anyone: httpx.Client) -> None:
    name = seller.user_id
    star = seller.sells(f"{name} Über.*(Star) [1]")
    seller.sells(f"{name} other")

    def found(q: str) -> list[Json]:
        answer = anyone.get("/api/tickets", params={"q": q})
        assert answer.status_code == 200
        found: list[Json] = answer.json()
        return found

    assert found(f"{name.upper()} über.*(sTAR) [") == [star]
    assert found(f"{name} .*") == []
    assert found(f"{name} $") == []
    assert found(f"  {name} U\u0308ber ") == [star], "titles have no spaces around them, and letters in one piece"


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("limit=101", "limit"), ("limit=ten", "limit"), ("limit=", "limit"), ("limit=-1", "limit"),
     ("limit=1.0", "limit"), ("limit=%D9%A1", "limit"), ("after=x", "after"), (f"after={NOWHERE}", "after"),
     ("available=yes", "available"), ("available=", "available"), ("q=%00", "q"), ("q=" + "x" * 201, "q")],
)  # fmt: skip
def test_questions_that_make_no_sense(anyone: httpx.Client, query: str, field: str) -> None:
    assert refused(anyone.get(f"/api/tickets?{query}")) == (400, [("invalid_query", field)])
