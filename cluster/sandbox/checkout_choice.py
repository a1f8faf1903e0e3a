"""What a buyer sent with the form of the hosted Checkout page, and the card that it means."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request

from cluster.sandbox import cards, methods
from cluster.sandbox.cards import Card

FORM_BYTES_MAX = 4 * 1024
FIELDS_MAX = 20
_ACTIONS = {"decline": "visa_chargeDeclined", "authenticate": "threeDSecure2Required"}
"""Buttons that bring a test card of their own."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a buyer sent."""

    action: str
    """The button: `pay`, `decline` or `authenticate`."""

    card: str
    """The name of the card that was chosen."""

    number: str
    """The card number that was typed, if any."""

    attempt: int
    """How often the buyer had tried to pay when the form was shown; -1 when the form does not say."""


async def read(request: Request) -> Choice:
    """Return what was sent; what is not a form is a choice of nothing."""
    try:
        fields = dict(parse_qsl(await _body(request), keep_blank_values=True, max_num_fields=FIELDS_MAX))
    except ValueError:
        fields = {}
    attempt = fields.get("attempt", "")
    return Choice(
        action=fields.get("action", "pay"),
        card=fields.get("card", ""),
        number=fields.get("number", "").strip(),
        attempt=int(attempt) if attempt.isascii() and attempt.isdigit() and len(attempt) < 10 else -1,
    )


def card(choice: Choice, now: int) -> Card | None:
    """Return the card that a button stands for, that was typed, or that was chosen; ApiError for a wrong number."""
    if choice.action == "pay" and choice.number:
        raw = {"number": choice.number, "exp_month": 12, "exp_year": methods.year(now) + 1}
        return methods.card_of(raw, now, "card")
    name = choice.card if choice.action == "pay" else _ACTIONS.get(choice.action, "")
    return cards.by_id("pm_card_", f"pm_card_{name}")


async def _body(request: Request) -> str:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk[: FORM_BYTES_MAX - len(body)]
    return body.decode("utf-8", "replace")
