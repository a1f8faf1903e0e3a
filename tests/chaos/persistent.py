"""People who go on asking while what they ask dies and comes back: each request under one key until it is answered."""

from collections.abc import Callable

import httpx

from tests.integration.office import Office, Person
from tests.waiting import wait_for


def buy_and_pay(office: Office) -> dict[str, object]:
    """One whole sale; each step is repeated under its own key until it is answered."""
    with office.person() as seller, office.person() as buyer:
        ticket = eventually(lambda: ask(seller, "/api/tickets", {"title": "seat", "price": 12.34}, "sell"), "a listing")
        order = eventually(lambda: ask(buyer, "/api/orders", {"ticketId": ticket["id"]}, "reserve"), "an order")
        card = {"orderId": order["id"], "token": "tok_visa"}
        return eventually(lambda: ask(buyer, "/api/payments", card, "pay"), "a payment")


def reserve(buyer: Person, ticket_id: str) -> dict[str, object] | None:
    """Reserve, under one key however often it is tried."""
    return ask(buyer, "/api/orders", {"ticketId": ticket_id}, f"reserve {ticket_id}")


def ask(person: Person, path: str, body: dict[str, object], key: str) -> dict[str, object] | None:
    """The answer to one request, None if it is one of those that tell nothing (5xx, a broken connection)."""
    try:
        answer = person.client.post(path, json=body, headers={"Idempotency-Key": key})
    except httpx.TransportError:
        return None
    assert answer.status_code < 400 or answer.status_code >= 500, answer.text
    return answer.json() if answer.status_code < 400 else None


def eventually(attempt: Callable[[], dict[str, object] | None], what: str) -> dict[str, object]:
    """The first answer that tells something."""
    return wait_for(what, attempt, deadline_s=60, every_s=0.2)
