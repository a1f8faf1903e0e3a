"""The books: what the ledger at Stripe and MongoDB say of an order. Our own events are not asked."""

import re
from typing import Any

import httpx
from bson import ObjectId

from cluster.local.sandbox import KEY
from tests.integration.office import Office, Person
from tests.waiting import wait_for

AUTHORIZED = {"Authorization": f"Bearer {KEY}"}
SPEAKERS = ("tickets", "orders", "expiration", "payments")


def sandbox(office: Office) -> httpx.Client:
    """The sandbox's API, with its key."""
    return httpx.Client(base_url=office.record["sandbox_url"], headers=AUTHORIZED, timeout=30)


def ledger_of(office: Office, order_id: str) -> list[dict[str, Any]]:
    """The intents of one order, with what was captured and refunded."""
    with sandbox(office) as stripe:
        rows = stripe.get("/v1/sandbox/ledger").raise_for_status().json()
    intents = rows["data"] if isinstance(rows, dict) else rows
    return [each for each in intents if each["metadata"].get("order_id") == order_id]


def assert_books_agree(office: Office, order_id: str) -> str:
    """Complete with exactly one captured payment and the ticket sold to its buyer, or over with no money kept."""
    order = office.mongo.orders.find_one({"_id": ObjectId(order_id)})
    assert order is not None
    ticket = office.mongo.tickets.find_one({"_id": order["ticket"]["id"]})
    assert ticket is not None
    kept = [row["captured"] - row["refunded"] for row in ledger_of(office, order_id)]
    if order["status"] == "complete":
        assert [cents for cents in kept if cents] == [order["ticket"]["price"]], kept
        assert (ticket["sold"], ticket["hold"]["orderId"]) == (True, order["_id"])
    else:
        assert order["status"] == "cancelled", order
        assert not any(kept), kept
        assert ticket.get("hold", {}).get("orderId") != order["_id"]
    return str(order["status"])


def wait_for_rest(office: Office, order_id: str, deadline_s: float = 40) -> None:
    """Until nobody has anything to say or to do about this order any more."""

    def is_at_rest() -> bool:
        order = office.mongo.orders.find_one({"_id": ObjectId(order_id)}) or {}
        payment = order.get("payment", {}).get("status")
        owed = {"_id": {"$in": [ObjectId(order_id), order["ticket"]["id"]]}, "outbox.0": {"$exists": True}}
        busy = any(office.mongo[service].count_documents(owed) for service in SPEAKERS)
        till = office.mongo.payments.count_documents({"_id": ObjectId(order_id), "due": {"$exists": True}})
        return order["status"] in ("complete", "cancelled") and payment != "refunding" and not busy and not till

    wait_for(f"rest around order {order_id}", is_at_rest, deadline_s)


def order_a_seat(seller: Person, buyer: Person, price: object = 19.99) -> str:
    """The id of a new order for a new ticket."""
    ticket = seller.client.post("/api/tickets", json={"title": "seat", "price": price}).raise_for_status().json()
    order = buyer.client.post("/api/orders", json={"ticketId": ticket["id"]}).raise_for_status().json()
    return str(order["id"])


def open_page(buyer: Person, order_id: str) -> str:
    """The address of Stripe's page for an order."""
    answer = buyer.client.post("/api/payments/checkout", json={"orderId": order_id})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"])


def press(url: str, action: str, **fields: str) -> httpx.Response:
    """Press a button on Stripe's page, as a browser posts its form."""
    with httpx.Client(timeout=30) as browser:
        attempt = re.search(r'name="attempt" value="(\d+)"', browser.get(url).text)
        assert attempt, "the page has a form"
        return browser.post(url, data={"attempt": attempt[1], "action": action, **fields})
