"""Documents as the API shows them. Pure functions, one per kind of thing; what is not named stays inside."""

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from actors.contract import NextAction, OrderReply, TicketReply
from actors.runtime.codec import Document, to_document
from serve_app.answers import Json
from serve_app.money import dollars_of


def user(user_id: ObjectId, email: str) -> Json:
    """An account."""
    return {"id": str(user_id), "email": email}


def ticket(document: Document) -> Json:
    """A ticket from its snapshot."""
    return _ticket(document["_id"], document, (document.get("hold") or {}).get("orderId"))


def ticket_of_reply(reply: TicketReply) -> Json:
    """A ticket from the actor's own answer."""
    return _ticket(reply.ticket.id, to_document(reply.ticket), reply.order_id)


def ticket_on_show(document: Document) -> Json:
    """A ticket as the live stream tells it: who sells it does not change, what became of it does."""
    shown = ticket(document)
    del shown["userId"]
    shown["state"] = state_of(document)
    return shown


def state_of(document: Document) -> str:
    """Whether a ticket is to be had: `available`, `reserved` or `sold`."""
    if document.get("sold"):
        return "sold"
    return "reserved" if document.get("hold") else "available"


def order(document: Document) -> Json:
    """An order from its snapshot."""
    return _order(document["_id"], document)


def order_of_reply(reply: OrderReply) -> Json:
    """An order from the actor's own answer."""
    return _order(reply.order_id, to_document(reply))


def payment(order_id: ObjectId, payment_id: ObjectId, stripe_id: str | None, **more: Any) -> Json:  # noqa: ANN401
    """A payment attempt, as the one who pays sees it."""
    return {"id": str(payment_id), "orderId": str(order_id), "stripeId": stripe_id, **more}


def next_action(action: NextAction) -> Json:
    """What the buyer's bank wants the buyer to do."""
    return _without_none({"type": action.kind, "url": action.url, "clientSecret": action.client_secret})


def moment(at: datetime) -> str:
    """A time as ISO 8601 in UTC, to the millisecond, as browsers write it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ticket(ticket_id: ObjectId, fields: Document, order_id: ObjectId | None) -> Json:
    shown: Json = {
        "id": str(ticket_id),
        "title": fields["title"],
        "price": dollars_of(fields["price"]),
        "userId": str(fields["userId"]),
        "version": fields["version"],
    }
    if order_id is not None:
        shown["orderId"] = str(order_id)
    return shown


def _order(order_id: ObjectId, fields: Document) -> Json:
    shown: Json = {
        "id": str(order_id),
        "status": fields["status"],
        "userId": str(fields["userId"]),
        "expiresAt": moment(fields["expiresAt"]),
        "version": fields["version"],
        "ticket": _ticket(fields["ticket"]["id"], fields["ticket"], None),
    }
    if fields.get("payment"):
        shown["payment"] = _payment(fields["payment"])
    return shown


def _payment(fields: Document) -> Json:
    return _without_none(
        {
            "status": fields["status"],
            "stripeId": fields.get("stripeId"),
            "amount": dollars_of(fields["amount"]),
            "reason": fields.get("reason"),
        }
    )


def _without_none(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value is not None}
