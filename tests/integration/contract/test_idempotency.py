"""API.md, Idempotency-Key: the same key and request answers the same, another request is refused."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.integration.contract.people import Json, Person, new_email, new_key, new_person, refused
from tests.integration.office import Office
from tests.waiting import wait_for

# Orders and payments walk through both placements; what is decided before an actor is asked needs one.
pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")

REPLAYED = "idempotent-replayed"
REUSED = (400, [("idempotency_key_reused", None)])


def assert_replayed(first: httpx.Response, again: httpx.Response) -> None:
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")


def test_selling_once(seller: Person, anyone: httpx.Client) -> None:
    key, title = new_key(), f"Once {seller.user_id}"

    first, again = (seller.post("/api/tickets", {"title": title, "price": 5}, key) for _ in range(2))

    assert first.status_code == 201
    assert_replayed(first, again)
    assert anyone.get("/api/tickets", params={"q": title}).json() == [first.json()]
    assert refused(seller.post("/api/tickets", {"title": title, "price": 6}, key)) == REUSED
    assert refused(seller.post("/api/orders", {"ticketId": first.json()["id"]}, key)) == REUSED


def test_editing_once(seller: Person, ticket: Json) -> None:
    key, path = new_key(), f"/api/tickets/{ticket['id']}"

    first = seller.put(path, {"title": "Second", "price": 2}, key)
    seller.put(path, {"title": "Third", "price": 3})
    again = seller.put(path, {"title": "Second", "price": 2}, key)

    assert_replayed(first, again)
    assert seller.get(path).json()["title"] == "Third"


def test_reserving_once(buyer: Person, seller: Person, ticket: Json) -> None:
    key = new_key()

    first, again = (buyer.post("/api/orders", {"ticketId": ticket["id"]}, key) for _ in range(2))

    assert first.status_code == 201
    assert_replayed(first, again)
    assert buyer.get("/api/orders").json() == [first.json()]
    assert refused(buyer.post("/api/orders", {"ticketId": seller.sells()["id"]}, key)) == REUSED
    assert len(buyer.get("/api/orders").json()) == 1


def test_the_same_key_of_another_person_is_another_key(buyer: Person, stranger: Person, seller: Person) -> None:
    key = new_key()
    for someone in (buyer, stranger):
        assert someone.post("/api/orders", {"ticketId": seller.sells()["id"]}, key).status_code == 201


def test_refusals_are_not_remembered(buyer: Person, stranger: Person, ticket: Json, office: Office) -> None:
    order, key, body = stranger.reserves(ticket), new_key(), {"ticketId": ticket["id"]}
    assert refused(buyer.post("/api/orders", body, key)) == (400, [("ticket_reserved", None)])
    assert stranger.delete(f"/api/orders/{order['id']}").status_code == 204

    def granted() -> httpx.Response | None:
        answer = buyer.post("/api/orders", body, key)
        return answer if answer.status_code == 201 else None

    answer = wait_for("the ticket on sale again", granted)
    assert REPLAYED not in answer.headers


def test_cancelling_once(buyer: Person, order: Json) -> None:
    key, path = new_key(), f"/api/orders/{order['id']}"

    first, again = buyer.delete(path, key), buyer.delete(path, key)

    assert first.status_code == 204
    assert_replayed(first, again)


def test_paying_once(buyer: Person, order: Json) -> None:
    key = new_key()

    first, again = buyer.pays(order, key=key), buyer.pays(order, key=key)

    assert first.status_code == 201
    assert_replayed(first, again)
    assert refused(buyer.pays(order, "pm_card_mastercard", key)) == REUSED


def test_a_declined_key_may_be_used_with_another_card(buyer: Person, order: Json) -> None:
    key = new_key()
    assert buyer.pays(order, "pm_card_chargeDeclined", key).status_code == 402
    assert buyer.pays(order, "pm_card_visa", key).status_code == 201


def test_refunding_once(seller: Person, sale: Json) -> None:
    key, path = new_key(), f"/api/orders/{sale['id']}/refund"

    first, again = seller.post(path, key=key), seller.post(path, key=key)

    assert first.status_code == 202
    assert_replayed(first, again)


def at_once(person: Person, office: Office, bodies: list[Json], path: str, key: str) -> list[httpx.Response]:
    """Send all bodies under one key at the same time, each through a connection of its own."""

    def send(body: Json) -> httpx.Response:
        twin = new_person(office.url, office.jwt_key)
        with twin.client:
            twin.client.cookies = person.client.cookies
            return twin.post(path, body, key)

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(send, bodies))


@pytest.mark.parametrize("path", ["/api/orders", "/api/tickets"])
def test_the_same_request_many_times_at_once(buyer: Person, seller: Person, office: Office, path: str) -> None:
    body = {"ticketId": seller.sells()["id"]} if path == "/api/orders" else {"title": "Twin", "price": 1}

    answers = at_once(buyer, office, [body] * 6, path, new_key())

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1


def test_different_orders_at_once_under_one_key_leave_one(buyer: Person, seller: Person, office: Office) -> None:
    bodies: list[Json] = [{"ticketId": seller.sells()["id"]} for _ in range(4)]

    answers = at_once(buyer, office, bodies, "/api/orders", new_key())

    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400]
    assert {refused(answer) == REUSED for answer in answers if answer.status_code == 400} == {True}
    live = [each for each in buyer.get("/api/orders").json() if each["status"] == "created"]
    assert live == [answer.json() for answer in answers if answer.status_code == 201]


@pytest.mark.parametrize("key", ["", "k" * 256, "tab\tinside", "schlüssel".encode()], ids=repr)
def test_keys_that_are_none(seller: Person, key: str | bytes) -> None:
    headers = [(b"Idempotency-Key", key if isinstance(key, bytes) else key.encode())]
    answer = seller.client.post("/api/tickets", json={"title": "Seat", "price": 1}, headers=headers)
    assert refused(answer) == (400, [("invalid_idempotency_key", "Idempotency-Key")])


def test_signing_up_and_in_ignore_keys(anyone: httpx.Client) -> None:
    headers = {"Idempotency-Key": "k" * 300}
    body = {"email": new_email(), "password": "correct horse"}
    assert anyone.post("/api/users/signup", json=body, headers=headers).status_code == 201
    assert anyone.post("/api/users/signup", json=body, headers=headers).status_code == 400
    assert anyone.post("/api/users/signin", json=body, headers=headers).status_code == 200
    assert anyone.post("/api/users/signout", headers=headers).status_code == 200


def test_records_are_kept_for_a_day(office: Office) -> None:
    lifetimes = [each.get("expireAfterSeconds") for each in office.mongo.idempotency.index_information().values()]
    assert 24 * 3600 in lifetimes
