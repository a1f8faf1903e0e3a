"""How long a Checkout Session may be open, and what it may ask for.

The rules: https://docs.stripe.com/api/checkout/sessions/create.
"""

from cluster.sandbox.errors import RefusedError
from cluster.sandbox.intent_objects import AMOUNT_MAX, AMOUNT_MIN, check_currency, money
from cluster.sandbox.shapes import Json

LIFE_MIN_S = 30 * 60
LIFE_MAX_S = 24 * 60 * 60
"""How long a session may be open, in seconds; also how long it is when nothing is said."""


def check_life(life_s: int) -> None:
    """RefusedError for a session that would be open too short or too long a time, in seconds."""
    if life_s < LIFE_MIN_S:
        words = "at least 30 minutes"
    elif life_s >= LIFE_MAX_S:
        words = "less than 24 hours"
    else:
        return
    raise RefusedError(
        f"The `expires_at` timestamp must be {words} from Checkout Session creation.", param="expires_at"
    )


def total(items: list[Json]) -> tuple[str, int]:
    """Return the currency of line items and their sum in its smallest unit; RefusedError for what cannot be paid."""
    currencies = {item["price_data"]["currency"].lower() for item in items}
    if len(currencies) != 1:
        raise RefusedError(
            "All prices on a Checkout Session must be expressed in the same currency.", param="line_items"
        )
    currency = currencies.pop()
    check_currency(currency)
    amount = sum(item["price_data"]["unit_amount"] * item["quantity"] for item in items)
    _check_total(amount, currency)
    return currency, amount


def _check_total(amount: int, currency: str) -> None:
    if amount < AMOUNT_MIN[currency]:
        raise RefusedError(
            "The Checkout Session's total amount due must add up to at least "
            f"{money(AMOUNT_MIN[currency], currency)} {currency}",
            code="amount_too_small",
        )
    if amount > AMOUNT_MAX:
        raise RefusedError(
            f"The Checkout Session's total amount due must be no more than {money(AMOUNT_MAX, currency)} {currency}",
            code="amount_too_large",
        )
