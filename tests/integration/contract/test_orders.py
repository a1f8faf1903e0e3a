"""API.md, /api/orders: reserving, showing, cancelling and refunding."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.integration.contract.people import NOWHERE, Json, Person, error, refused
from tests.waiting import wait_for

NOT_FOUND = error("order_not_found", "There is no such order")
RESERVED = "This ticket is already reserved"


def wait_until_free(client: httpx.Client, ticket: Json) -> None:
    path = f"/api/tickets/{ticket['id']}"
    wait_for("the ticket on sale again", lambda: "orderId" not in client.get(path).json(), 15)


def test_reserving_a_ticket(buyer: Person, ticket: Json) -> None:
    before = datetime.now(UTC)

    answer = buyer.tries(ticket)

    assert answer.status_code == 201
    order = answer.json()
    expires_at = datetime.fromisoformat(order.pop("expiresAt"))
    assert expires_at.utcoffset() == timedelta(0)
    assert timedelta(0) < expires_at - before < timedelta(days=1)
    reserved = {**ticket, "version": order["ticket"]["version"]}
    expected = {"id": order["id"], "status": "created", "userId": buyer.user_id, "version": 0, "ticket": reserved}
    assert order == expected


def test_the_next_read_shows_the_order(buyer: Person, ticket: Json) -> None:
    order = buyer.reserves(ticket)
    assert buyer.order(order) == order


def test_a_reserved_ticket_is_refused(buyer: Person, stranger: Person, ticket: Json, order: Json) -> None:
    to_stranger, to_holder = stranger.tries(ticket), buyer.tries(ticket)

    assert (to_stranger.status_code, to_stranger.json()) == (400, error("ticket_reserved", RESERVED))
    assert (to_holder.status_code, to_holder.json()) == (
        400,
        error("ticket_reserved", RESERVED, orderId=order["id"]),
    )


@pytest.mark.parametrize("ticket_id", [None, "", "1", "x" * 24, 7, ["0" * 24], "0" * 25, "0" * 23 + "\ud800"])
def test_reserving_what_is_no_id(buyer: Person, ticket_id: object) -> None:
    assert refused(buyer.post("/api/orders", {"ticketId": ticket_id})) == (400, [("invalid_id", "ticketId")])


def test_reserving_what_does_not_exist(buyer: Person) -> None:
    assert refused(buyer.post("/api/orders", {"ticketId": NOWHERE})) == (404, [("ticket_not_found", None)])


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ""), ("GET", ""), ("GET", f"/{NOWHERE}"), ("DELETE", f"/{NOWHERE}"), ("POST", f"/{NOWHERE}/refund")],
)
def test_orders_need_a_session(anyone: httpx.Client, method: str, path: str) -> None:
    assert refused(anyone.request(method, f"/api/orders{path}")) == (401, [("not_signed_in", None)])


@pytest.mark.parametrize("order_id", [NOWHERE, "1", "x" * 24, "%00"])
def test_orders_that_do_not_exist(buyer: Person, order_id: str) -> None:
    path = f"/api/orders/{order_id}"
    for answer in (buyer.get(path), buyer.delete(path), buyer.post(f"{path}/refund")):
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_listing_my_orders_oldest_first(buyer: Person, stranger: Person, seller: Person) -> None:
    orders = [buyer.reserves(seller.sells()) for _ in range(3)]
    stranger.reserves(seller.sells())

    answer = buyer.get("/api/orders")

    assert (answer.status_code, answer.json()) == (200, orders)


def test_an_order_is_its_buyers_alone(seller: Person, stranger: Person, order: Json) -> None:
    path = f"/api/orders/{order['id']}"
    for someone in (stranger, seller):
        assert refused(someone.get(path)) == (401, [("not_the_buyer", None)])
        assert refused(someone.delete(path)) == (401, [("not_the_buyer", None)])


def test_cancelling_gives_the_ticket_back(
    buyer: Person, stranger: Person, anyone: httpx.Client, ticket: Json, order: Json
) -> None:
    answer = buyer.delete(f"/api/orders/{order['id']}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert buyer.order(order)["status"] == "cancelled"
    assert buyer.delete(f"/api/orders/{order['id']}").status_code == 204
    wait_until_free(anyone, ticket)
    assert stranger.reserves(ticket)["status"] == "created"


def test_a_sale_cannot_be_cancelled(buyer: Person, sale: Json) -> None:
    assert refused(buyer.delete(f"/api/orders/{sale['id']}")) == (400, [("order_complete", None)])
    assert buyer.order(sale)["status"] == "complete"


def test_cancelling_while_the_bank_waits_for_the_buyer(
    buyer: Person, anyone: httpx.Client, ticket: Json, order: Json
) -> None:
    assert buyer.pays(order, "pm_card_authenticationRequired").status_code == 202

    answer = buyer.delete(f"/api/orders/{order['id']}")

    assert answer.status_code == 204, answer.text
    assert buyer.order(order)["status"] == "cancelled"
    wait_until_free(anyone, ticket)


def test_refunding_a_sale(seller: Person, buyer: Person, anyone: httpx.Client, ticket: Json, sale: Json) -> None:
    answer = seller.post(f"/api/orders/{sale['id']}/refund")

    assert answer.status_code == 202
    body = answer.json()
    assert (body["id"], body["status"], body["payment"]["status"]) == (sale["id"], "complete", "refunding")
    assert body["payment"].keys() == {"status", "stripeId", "amount", "reason"}
    wait_for("the refunded order", lambda: buyer.order(sale)["status"] == "cancelled", 15)
    assert buyer.order(sale)["payment"]["status"] == "refunded"
    wait_until_free(anyone, ticket)


def test_who_may_not_refund(seller: Person, buyer: Person, stranger: Person, sale: Json) -> None:
    for someone in (buyer, stranger):
        answer = someone.post(f"/api/orders/{sale['id']}/refund")
        assert refused(answer) == (401, [("not_the_seller", None)])


def test_what_is_not_paid_cannot_be_refunded(seller: Person, order: Json) -> None:
    assert refused(seller.post(f"/api/orders/{order['id']}/refund")) == (400, [("order_not_paid", None)])
