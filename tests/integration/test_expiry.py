"""An order that nobody pays ends, and its ticket is on sale again."""

from datetime import datetime

import pytest
from bson import ObjectId

from tests.integration.crowd import list_tickets
from tests.integration.money import assert_books_agree, open_page, order_a_seat, wait_for_rest
from tests.integration.office import Office
from tests.waiting import wait_for

pytestmark = pytest.mark.parametrize("office", ["hasty"], indirect=True, scope="session")


def test_an_unpaid_order_expires_and_the_next_buyer_gets_the_ticket(office: Office) -> None:
    [ticket_id] = list_tickets(office, 1)
    with office.person() as slow, office.person() as patient:
        # Given a buyer who reserves and does not pay, and another who is refused,
        order = slow.client.post("/api/orders", json={"ticketId": ticket_id}).raise_for_status().json()
        assert patient.client.post("/api/orders", json={"ticketId": ticket_id}).status_code == 400

        # when the window closes,
        def expired() -> bool:
            return slow.client.get(f"/api/orders/{order['id']}").json()["status"] == "cancelled"

        wait_for("the order's end", expired, deadline_s=17)
        wait_for_rest(office, order["id"])
        assert office.mongo.payments.find_one({"_id": ObjectId(order["id"])}) is None, "nobody has tried to pay"

        # then the other one gets it, under a new hold.
        def granted() -> dict[str, object] | None:
            answer = patient.client.post("/api/orders", json={"ticketId": ticket_id})
            return answer.json() if answer.status_code == 201 else None

        second = wait_for("the ticket on sale again", granted, deadline_s=5)
        ticket = office.mongo.tickets.find_one({"_id": ObjectId(ticket_id)})
        assert ticket is not None
        assert str(ticket["hold"]["orderId"]) == second["id"]
        assert ticket["hold"]["holdNumber"] == 2


def test_the_window_is_the_configured_one(office: Office) -> None:
    [ticket_id] = list_tickets(office, 1)
    with office.person() as buyer:
        order = buyer.client.post("/api/orders", json={"ticketId": ticket_id}).raise_for_status().json()
    stored = office.mongo.orders.find_one({"_id": ObjectId(order["id"])})
    assert stored is not None
    window = datetime.fromisoformat(order["expiresAt"]) - stored["createdAt"]
    assert window.total_seconds() == float(office.settings["BOXOFFICE_ORDER_WINDOW_S"])


def test_paying_in_time_keeps_the_ticket(office: Office) -> None:
    [ticket_id] = list_tickets(office, 1)
    with office.person() as buyer:
        order = buyer.client.post("/api/orders", json={"ticketId": ticket_id}).raise_for_status().json()
        paid = buyer.client.post("/api/payments", json={"orderId": order["id"], "token": "tok_visa"})
        assert paid.status_code == 201

        # Everybody has heard of it and there is no timer any more, so nothing can end the sale.
        told = {"_id": ObjectId(order["id"]), "outbox.0": {"$exists": False}}
        wait_for("an order that has told everybody", lambda: office.mongo.orders.find_one(told), deadline_s=5)
        assert office.mongo.expiration.find_one({"_id": ObjectId(order["id"])}) is None
        assert buyer.client.get(f"/api/orders/{order['id']}").json()["status"] == "complete"


def test_a_window_that_closes_expires_the_page(office: Office) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        open_page(buyer, order_id)

    def is_over() -> bool:
        order = office.mongo.orders.find_one({"_id": ObjectId(order_id)})
        return order is not None and order["status"] == "cancelled"

    wait_for("the order's end", is_over, deadline_s=17)
    wait_for_rest(office, order_id)
    assert_books_agree(office, order_id)
    payment = office.mongo.payments.find_one({"_id": ObjectId(order_id)})
    assert payment is not None
    assert payment["status"] == "closed", "it was told of the order's end"
