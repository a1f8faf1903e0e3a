"""The proof that seeds are what the running system writes: a real order beside one on paper."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from actors.contract import EXPIRATION, ORDERS, PAYMENTS, TICKETS
from actors.runtime.codec import Document
from tests.benchmarks.long.seeds import Seeds
from tests.integration.office import Office
from tests.waiting import wait_for

SERVICES = (TICKETS, ORDERS, EXPIRATION, PAYMENTS)


def shape(value: Any) -> Any:
    """The names and types in a stored value; an empty outbox is no outbox."""
    match value:
        case dict():
            return {name: shape(inner) for name, inner in value.items() if (name, inner) != ("outbox", [])}
        case list():
            return [shape(inner) for inner in value]
    return type(value).__name__


def check_seeds(office: Office) -> None:
    """Reserve one ticket through the API and seed another.

    Raises:
        AssertionError: their documents differ in a name or a type.
    """
    [seeded] = Seeds(office.mongo, timedelta(hours=1)).open_orders(1, datetime.now(UTC), lambda _: None)
    ours = _documents(office, seeded)
    theirs = _documents(office, _bought(office, set(ours)))
    for service in SERVICES:
        pair = [shape(each.get(service)) for each in (ours, theirs)]
        assert pair[0] == pair[1], f"seeded {service} differ from those that the office writes: {pair}"


def _bought(office: Office, services: set[str]) -> ObjectId:
    """A ticket that was listed and reserved over HTTP, and that all `services` have heard of."""
    with office.person() as seller, office.person() as buyer:
        listed = seller.client.post("/api/tickets", json={"title": "seat 1", "price": 19.99}).raise_for_status()
        ticket_id = ObjectId(listed.json()["id"])
        buyer.client.post("/api/orders", json={"ticketId": str(ticket_id)}).raise_for_status()
    wait_for("an order that everybody has heard of", lambda: _is_settled(_documents(office, ticket_id), services))
    return ticket_id


def _documents(office: Office, ticket_id: ObjectId) -> dict[str, Document]:
    """What is stored of a ticket and its order, by service."""
    ticket = office.mongo[TICKETS].find_one({"_id": ticket_id}) or {}
    order_id = ticket.get("hold", {}).get("orderId")
    others = {service: office.mongo[service].find_one({"_id": order_id}) for service in SERVICES[1:]}
    return {TICKETS: ticket} | {service: found for service, found in others.items() if found}


def _is_settled(documents: dict[str, Document], services: set[str]) -> bool:
    return services <= set(documents) and not any(each.get("outbox") for each in documents.values())
