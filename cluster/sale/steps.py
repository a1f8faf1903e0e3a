"""The steps of a buyer and a seller as requests, and what their answers mean. Pure; Locust walks the same steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cluster.sale.figures import Outcome

Body = Mapping[str, Any]

GOOD_CARD = "tok_visa"
BAD_CARD = "tok_chargeDeclined"


@dataclass(frozen=True, slots=True)
class Step:
    """One request of somebody who is signed in."""

    name: str
    method: str
    path: str
    body: Body | None = None


def sign_up(email: str, password: str) -> Step:
    """Open an account."""
    return Step("sign up", "POST", "/api/users/signup", {"email": email, "password": password})


def sell(title: str, cents: int) -> Step:
    """Put a ticket on sale."""
    return Step("sell", "POST", "/api/tickets", {"title": title, "price": cents / 100})


def reserve(ticket_id: str) -> Step:
    """Ask for a ticket."""
    return Step("reserve", "POST", "/api/orders", {"ticketId": ticket_id})


def pay(order_id: str, card: str) -> Step:
    """Pay for an order."""
    return Step("pay", "POST", "/api/payments", {"orderId": order_id, "token": card})


def cancel(order_id: str) -> Step:
    """Give a ticket back."""
    return Step("cancel", "DELETE", f"/api/orders/{order_id}")


def tells_nothing(status: int) -> bool:
    """Whether the answer leaves open what has happened: the same request under the same key learns the truth."""
    return status >= 500


def outcome(step: Step, status: int, body: Body) -> Outcome:
    """What an answer means for the figures."""
    match step.name, status:
        case "reserve", 201:
            return "reserved"
        case "reserve", 400 if code_of(body) == "ticket_reserved":
            return "refused"
        case "pay", 201:
            return "paid"
        case "pay", 402:
            return "declined"
        case "pay", 400 if code_of(body) == "order_cancelled":
            return "late"
        case "cancel", 204:
            return "cancelled"
    return "failed"


def code_of(body: Body) -> str:
    """The stable word of a refusal; empty where the answer has none."""
    errors = body.get("errors")
    return str(errors[0].get("code", "")) if isinstance(errors, list) and errors else ""
