"""PaymentMethods: from a test id, token or test number (https://docs.stripe.com/api/payment_methods)."""

from cluster.sandbox import cards
from cluster.sandbox.cards import Card
from cluster.sandbox.errors import CardError, no_such
from cluster.sandbox.shapes import Json

_SECONDS_PER_YEAR = 31_556_952
_EPOCH_YEAR = 1970
_DIGITS_MIN, _DIGITS_MAX = 12, 19
_DOUBLED_DIGIT_MAX = 9


def new(method_id: str, card: Card, now: int, given: Json) -> Json:
    """Return the PaymentMethod for a card; `given` are the request's own fields, which win."""
    raw = given.get("card", {})
    return {
        "id": method_id,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None}
        | given.get("billing_details", {}),
        "card": {
            "brand": card.brand,
            "display_brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "unchecked" if "cvc" in raw else None,
            },
            "country": "US",
            "exp_month": raw.get("exp_month", 12),
            "exp_year": raw.get("exp_year", year(now) + 1),
            "fingerprint": card.fingerprint,
            "funding": card.funding,
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "three_d_secure_usage": {"supported": card.brand != "amex"},
            "wallet": None,
        },
        "created": now,
        "customer": None,
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "type": "card",
    }


def card_of(given: Json, now: int, name: str) -> Card:
    """Return the test card that a token or raw number in a request's `card` hash means.

    RefusedError for an unknown token, CardError for a number or date no card has; `name` is the hash's own.
    """
    if (token := given.get("token")) is not None:
        card = cards.by_id("tok_", token)
        if card is None:
            raise no_such("token", token, f"{name}[token]")
        return card
    return _by_number(given, now, name)


def _by_number(given: Json, now: int, name: str) -> Card:
    digits = given["number"].replace(" ", "").replace("-", "")
    if not passes_luhn(digits):
        raise CardError("Your card number is incorrect.", code="incorrect_number", param=f"{name}[number]")
    if (given["exp_year"], given["exp_month"]) < (year(now), 1):
        raise CardError(
            "Your card's expiration year is invalid.", code="invalid_expiry_year", param=f"{name}[exp_year]"
        )
    card = cards.by_number(digits)
    if card is None:
        raise CardError(
            "Your card was declined. Your request was in test mode, but used a non test card. For a list of "
            "valid test cards, visit: https://stripe.com/docs/testing.",
            code="card_declined",
            details={"decline_code": "test_mode_live_card"},
        )
    return card


def passes_luhn(digits: str) -> bool:
    """Tell whether the check digit is right (ISO/IEC 7812)."""
    if not digits.isdecimal() or not _DIGITS_MIN <= len(digits) <= _DIGITS_MAX:
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > _DOUBLED_DIGIT_MAX else number for number in doubled) % 10 == 0


def year(now: int) -> int:
    """Return the calendar year of an epoch time, exact enough for a card's expiry."""
    return _EPOCH_YEAR + now // _SECONDS_PER_YEAR
