"""The peer's documents as its API shows them: the very fields that ours shows."""

from typing import Any

from serve_app.money import dollars_of
from serve_app.views import moment

Document = dict[str, Any]


def ticket(document: Document) -> Document:
    """A ticket, with the order that holds it."""
    shown = _ticket(document["_id"], document)
    if order_id := document.get("orderId"):
        shown["orderId"] = str(order_id)
    return shown


def order(document: Document) -> Document:
    """An order with its ticket."""
    return {
        "id": str(document["_id"]),
        "status": document["status"],
        "userId": str(document["userId"]),
        "expiresAt": moment(document["expiresAt"]),
        "version": document["version"],
        "ticket": _ticket(document["ticket"]["id"], document["ticket"]),
    }


def _ticket(ticket_id: object, fields: Document) -> Document:
    return {
        "id": str(ticket_id),
        "title": fields["title"],
        "price": dollars_of(fields["price"]),
        "userId": str(fields["userId"]),
        "version": fields["version"],
    }
