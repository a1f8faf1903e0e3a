"""The books: what the ledger at Stripe and MongoDB say of an order. Our own events are not asked."""

import re
from collections import defaultdict
from collections.abc import Collection
from typing import Any

import httpx
from bson import ObjectId

from cluster.local.sandbox import KEY
from tests.integration.office import Office, Person
from tests.tls import TLS
from tests.waiting import wait_for

AUTHORIZED = {"Authorization": f"Bearer {KEY}"}
SPEAKERS = ("tickets", "orders", "expiration", "payments")


def sandbox(office: Office) -> httpx.Client:
    """The sandbox's API, with its key."""
    return httpx.Client(base_url=office.record["sandbox_url"], headers=AUTHORIZED, timeout=30, verify=TLS)


def ledger(office: Office) -> dict[str, list[dict[str, Any]]]:
    """The intents of every order, with what was captured and refunded."""
    with sandbox(office) as stripe:
        rows = stripe.get("/v1/sandbox/ledger").raise_for_status().json()["data"]
    of_orders = defaultdict(list)
    for row in rows:
        of_orders[row["metadata"].get("order_id", "")].append(row)
    return of_orders


def ledger_of(office: Office, order_id: str) -> list[dict[str, Any]]:
    """The intents of one order."""
    return ledger(office)[order_id]


def assert_books_agree(office: Office, order_id: str) -> str:
    """Complete with exactly one captured payment and the ticket sold to its buyer, or over with no money kept."""
    return status_in_books(office, order_id, ledger_of(office, order_id))


def status_in_books(office: Office, order_id: str, rows: list[dict[str, Any]]) -> str:
    """The status of an order with whose end the `rows` of the ledger agree.

    Raises:
        AssertionError: they do not.
    """
    order = office.mongo.orders.find_one({"_id": ObjectId(order_id)})
    assert order is not None
    ticket = office.mongo.tickets.find_one({"_id": order["ticket"]["id"]})
    assert ticket is not None
    kept = [row["captured"] - row["refunded"] for row in rows]
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
    wait_for_rest_of(office, [order_id], deadline_s)


def wait_for_rest_of(office: Office, order_ids: Collection[str], deadline_s: float = 40) -> None:
    """Until nobody has anything to say or to do about any of these orders any more."""
    ids = [ObjectId(each) for each in order_ids]
    try:
        wait_for(f"rest around {len(ids)} orders", lambda: not restless(office, ids), deadline_s, every_s=0.1)
    except AssertionError as late:
        raise AssertionError(f"{late}; not at rest: {restless(office, ids)[:10]}") from late


def restless(office: Office, order_ids: list[ObjectId]) -> list[tuple[str, ObjectId]]:
    """What is still to be said or done around these orders: of which service, and the id."""
    ours = {"_id": {"$in": order_ids}}
    orders = list(office.mongo.orders.find(ours))
    still = [("orders", order["_id"]) for order in orders if not is_over(order)]
    still += [("orders", each) for each in order_ids if each not in {order["_id"] for order in orders}]
    still += [("payments due", each["_id"]) for each in office.mongo.payments.find({**ours, "due": {"$exists": True}})]
    owed = {"_id": {"$in": [*order_ids, *(order["ticket"]["id"] for order in orders)]}, "outbox.0": {"$exists": True}}
    return still + [(service, each["_id"]) for service in SPEAKERS for each in office.mongo[service].find(owed)]


def is_over(order: dict[str, Any]) -> bool:
    """Whether an order has ended, its refund too."""
    refunding = order.get("payment", {}).get("status") == "refunding"
    return order["status"] in ("complete", "cancelled") and not refunding


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
    with httpx.Client(timeout=30, verify=TLS) as browser:
        attempt = re.search(r'name="attempt" value="(\d+)"', browser.get(url).text)
        assert attempt, "the page has a form"
        return browser.post(url, data={"attempt": attempt[1], "action": action, **fields})
