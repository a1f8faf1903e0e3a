"""The steps of a buyer and a seller as requests, and what their answers mean. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cluster.sale.figures import Outcome
from cluster.sale.granted import read_order

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


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0 when nothing ever did."""

    status: int
    body: Body = field(default_factory=dict)
    cookie: str = ""
    """The session it opened."""

    why: str = ""
    """Why nothing came back."""

    error: str = ""
    """What kind of error kept it from coming back, where one did."""

    sent_s: float = 0.0
    """When its question was first sent, in seconds after the doors opened."""

    date: str = ""
    """What time it was there, as its header says."""

    location: str = ""
    """Where it sends whoever asks instead."""

    @property
    def words(self) -> str:
        """Its status, or why there is none."""
        return str(self.status) if self.status else self.why or "no answer"

    @property
    def trouble(self) -> str:
        """The same, to be counted: errors by their kind, for their words name ports, and no two are the same."""
        return self.error or self.words

    @property
    def tells_nothing(self) -> bool:
        """Whether it leaves open what has happened: the same request under the same key learns the truth.

        Of 429 too: a gateway says so that has not passed the request on, whatever became of an earlier one.
        """
        return self.status in (0, 429) or self.status >= 500


def sign_up(email: str, password: str) -> Step:
    """Open an account."""
    return Step("sign up", "POST", "/api/users/signup", {"email": email, "password": password})


def show_me() -> Step:
    """Ask who the session says one is."""
    return Step("show me", "GET", "/api/users/currentuser")


def show_ready() -> Step:
    """Ask whether the marketplace is open."""
    return Step("show ready", "GET", "/api/ready")


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


def show_order(order_id: str) -> Step:
    """Look at one's own order."""
    return Step("show order", "GET", f"/api/orders/{order_id}")


def show_ticket(ticket_id: str) -> Step:
    """Look at a ticket."""
    return Step("show ticket", "GET", f"/api/tickets/{ticket_id}")


def outcome(step: Step, answer: Answer) -> Outcome:
    """What an answer means for the figures."""
    match step.name, answer.status:
        case "reserve", 201 if read_order(answer.body):
            return "reserved"
        case "reserve", 400 if code_of(answer.body) == "ticket_reserved":
            return "refused"
        case "pay", 201:
            return "paid"
        case "pay", 402:
            return "declined"
        case "pay", 400 if code_of(answer.body) == "order_cancelled":
            return "late"
        case "cancel", 204:
            return "cancelled"
    return "failed"


def headers_of(session: str, key: str) -> dict[str, str]:
    """The headers of somebody's request; without a session he is nobody, without a key it happens anew every time."""
    headers = {"Content-Type": "application/json"}
    if session:
        headers["Cookie"] = f"session={session}"
    if key:
        headers["Idempotency-Key"] = key
    return headers


def read_answer(status: int, text: bytes, cookie: str = "") -> Answer:
    """An answer as it came; a proxy's page instead of JSON tells nothing."""
    try:
        body = json.loads(text) if text else {}
    except ValueError:
        return Answer(0, why=f"{status} without JSON")
    return Answer(status, body if isinstance(body, dict) else {}, cookie)


def code_of(body: Body) -> str:
    """The stable word of a refusal; empty where the answer has none."""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return str(first.get("code", "")) if isinstance(first, dict) else ""
