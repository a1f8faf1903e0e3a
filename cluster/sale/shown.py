"""What the API must show before a sale and after it: where an answer is something else, nothing is proven. Pure."""

from typing import Any

from bson import ObjectId

from cluster.local.errors import ProofError
from cluster.sale.granted import read_id, read_order
from cluster.sale.steps import Body

ADVICE = "Look whether it is a Box Office that answers, and whether anything on the way changes its answers."


def made_id(url: str, body: Body) -> ObjectId:
    """The id of what a 201 says was made at `url`.

    Raises:
        ProofError: it names none.
    """
    if (found := read_id(body)) is None:
        raise ProofError(f"{url} answers with 201 and does not name what was made.", ADVICE)
    return found


def order_of(order_id: ObjectId, body: Body) -> dict[str, Any]:
    """An order as the API shows it, as MongoDB stores it.

    Raises:
        ProofError: it shows none.
    """
    order, user_id = read_order(body), read_id(body, "userId")
    status, payment = body.get("status"), body.get("payment", {})
    if not (order and user_id and isinstance(status, str) and isinstance(payment, dict)):
        raise ProofError(f"What /api/orders/{order_id} shows is no order.", ADVICE)
    return {
        "userId": user_id,
        "ticket": {"id": order.ticket_id, "price": order.price},
        "status": status,
        "version": order.version,
        "expiresAt": order.expires_at,
        "payment": payment,
    }


def holder_of(ticket_id: ObjectId, body: Body) -> str | None:
    """The order that holds a ticket, as the API shows it.

    Raises:
        ProofError: it shows no ticket.
    """
    holder: str | None = body.get("orderId")
    if read_id(body) is None or (holder is not None and read_id(body, "orderId") is None):
        raise ProofError(f"What /api/tickets/{ticket_id} shows is no ticket.", ADVICE)
    return holder
