"""Paying on Stripe's hosted page."""

import httpx
import pytest
from bson import ObjectId

from tests.integration.money import assert_books_agree, ledger_of, open_page, order_a_seat, press, wait_for_rest
from tests.integration.office import Office
from tests.waiting import wait_for

pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")


def status_of(office: Office, order_id: str) -> str:
    order = office.mongo.orders.find_one({"_id": ObjectId(order_id)}) or {}
    return str(order.get("status"))


def test_paying_and_coming_back(office: Office) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)

        back = press(open_page(buyer, order_id), "pay", card="visa").headers["Location"]
        shown = buyer.client.get(back)

        assert shown.status_code == 200
        assert (shown.json()["status"], shown.json()["payment"]["status"]) == ("complete", "paid")
    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "complete"
    [row] = ledger_of(office, order_id)
    assert row["captured"] == 1999


def test_a_buyer_who_never_comes_back_has_his_ticket_by_webhook(office: Office) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        press(open_page(buyer, order_id), "pay", card="visa")

    wait_for("the sale", lambda: status_of(office, order_id) == "complete", deadline_s=10)
    wait_for_rest(office, order_id)
    assert_books_agree(office, order_id)


def test_the_page_is_one_however_often_it_is_asked_for(office: Office) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        page = open_page(buyer, order_id)

        assert open_page(buyer, order_id) == page
        beside = buyer.client.post("/api/payments", json={"orderId": order_id, "token": "tok_visa"})
        assert (beside.status_code, beside.json()["errors"][0]["code"]) == (400, "payment_in_progress")


def test_declined_on_the_page_and_then_paid_there(office: Office) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        page = open_page(buyer, order_id)
        press(page, "decline")
        press(page, "pay", card="mastercard")

    wait_for("the sale", lambda: status_of(office, order_id) == "complete", deadline_s=10)
    wait_for_rest(office, order_id)
    assert_books_agree(office, order_id)


def test_cancelling_expires_the_page(office: Office) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        page = open_page(buyer, order_id)

        assert buyer.client.delete(f"/api/orders/{order_id}").status_code == 204

    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "cancelled"
    with pytest.raises(AssertionError, match="form"):
        press(page, "pay", card="visa")


def test_a_refund_puts_the_ticket_on_sale_again(office: Office) -> None:
    with office.person() as seller, office.person() as buyer, office.person() as next_one:
        order_id = order_a_seat(seller, buyer)
        press(open_page(buyer, order_id), "pay", card="visa")
        wait_for("the sale", lambda: status_of(office, order_id) == "complete", deadline_s=10)

        assert seller.client.post(f"/api/orders/{order_id}/refund").status_code == 202

        wait_for_rest(office, order_id)
        assert assert_books_agree(office, order_id) == "cancelled"
        order = office.mongo.orders.find_one({"_id": ObjectId(order_id)}) or {}
        again = next_one.client.post("/api/orders", json={"ticketId": str(order["ticket"]["id"])})
        assert again.status_code == 201


@pytest.mark.parametrize(
    ("price", "cents", "shown"),
    [
        (19.99, 1999, "$19.99"),
        (0.57, 57, "$0.57"),
        (1.15, 115, "$1.15"),
        (4.35, 435, "$4.35"),
        ("1100.10", 110010, "1,100.10"),
    ],
)
def test_amounts_that_floats_get_wrong_are_exact_everywhere(
    office: Office, price: object, cents: int, shown: str
) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer, price)
        page = open_page(buyer, order_id)
        assert shown in httpx.get(page).text
        press(page, "pay", card="visa")

    wait_for("the sale", lambda: status_of(office, order_id) == "complete", deadline_s=10)
    order = office.mongo.orders.find_one({"_id": ObjectId(order_id)}) or {}
    assert (order["ticket"]["price"], order["payment"]["amount"]) == (cents, cents)
    assert [row["captured"] for row in ledger_of(office, order_id)] == [cents]


@pytest.mark.parametrize(("outcome", "end"), [("complete", "complete"), ("fail", "created")])
def test_what_the_bank_says_after_3d_secure(office: Office, outcome: str, end: str) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        asked = buyer.client.post(
            "/api/payments", json={"orderId": order_id, "paymentMethod": "pm_card_authenticationRequired"}
        )
        assert (asked.status_code, asked.json()["status"]) == (202, "requires_action")

        httpx.post(asked.json()["nextAction"]["url"], data={"outcome": outcome})

        wait_for(f"the order {end}", lambda: status_of(office, order_id) == end, deadline_s=15)
        if end == "created":  # still payable, with another card
            again = buyer.client.post("/api/payments", json={"orderId": order_id, "token": "tok_visa"})
            assert again.status_code == 201
    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "complete"
