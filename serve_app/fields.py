"""What people send, field by field: each function returns the value as the actors want it, or refuses."""

import re
from collections.abc import Callable
from typing import Any, TypeVar
from unicodedata import category, normalize

from bson import ObjectId
from email_validator import EmailNotValidError, validate_email

from actors.contract import PaymentMethod, Refused
from serve_app.body import Body
from serve_app.money import cents_of
from serve_app.refusals import (
    HIDDEN_TITLE,
    INVALID_EMAIL,
    INVALID_METHOD,
    INVALID_PASSWORD,
    INVALID_PRICE,
    INVALID_TITLE,
    INVALID_TOKEN,
    ApiError,
)

TITLE_MAX = 200
EMAIL_MAX = 254
PASSWORD_MIN, PASSWORD_MAX = 8, 128

_ID = re.compile(r"[0-9a-fA-F]{24}")
_STRIPE_ID = re.compile(r"[A-Za-z0-9_]{1,255}")
_TOKEN = "tok_"
"""How tokens of Stripe's begin, and nothing else that one can pay with."""

_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates of Unicode's UAX #9: they turn the direction of all text behind them."""

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that are drawn as nothing."""

A = TypeVar("A")
B = TypeVar("B")


def both(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """Two fields, or the refusals of both at once.

    Raises:
        ApiError: at least one was refused.
    """
    one, two = _attempt(first), _attempt(second)
    if isinstance(one, ApiError) or isinstance(two, ApiError):
        wrong = [each for each in (one, two) if isinstance(each, ApiError)]
        raise ApiError(*(refusal for error in wrong for refusal in error.refusals))
    return one, two


def title_in(body: Body) -> str:
    """A title of 1 to 200 characters, as `trimmed` leaves it.

    Raises:
        ApiError: it is not one.
    """
    title = trimmed(text_in(body, "title", INVALID_TITLE))
    if not 1 <= len(title) <= TITLE_MAX or not is_plain(title):
        raise ApiError(INVALID_TITLE)
    if not is_visible(title) or not _TURNS.isdisjoint(title):
        raise ApiError(HIDDEN_TITLE)
    return title


def price_in(body: Body) -> int:
    """A price in cents.

    Raises:
        ApiError: it is not one.
    """
    try:
        return cents_of(body.get("price"))
    except ValueError:
        raise ApiError(INVALID_PRICE) from None


def email_in(body: Body) -> str:
    """A normalised e-mail address: the name of an account.

    Raises:
        ApiError: it is not one.
    """
    try:
        return normalised_email(text_in(body, "email", INVALID_EMAIL))
    except ValueError:
        raise ApiError(INVALID_EMAIL) from None


def password_in(body: Body) -> str:
    """A new password, as it is.

    Raises:
        ApiError: it is too short, too long, or not text.
    """
    password = text_in(body, "password", INVALID_PASSWORD)
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise ApiError(INVALID_PASSWORD)
    return password


def id_in(body: Body, name: str, refusal: Refused) -> ObjectId:
    """The id in the field `name`.

    Raises:
        ApiError: it is not an id: `refusal`.
    """
    return id_from(body.get(name), refusal)


def id_from(value: object, refusal: Refused) -> ObjectId:
    """An id of 24 hexadecimal digits.

    Raises:
        ApiError: it is not one: `refusal`.
    """
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ApiError(refusal)
    return ObjectId(value)


def payment_method_in(body: Body) -> PaymentMethod:
    """Exactly one of `token` and `paymentMethod`.

    Raises:
        ApiError: there is none, there are two, it does not look like one of Stripe's, or it is the other kind; only
            where `paymentMethod` stands alone that is the field at fault.
    """
    token, method = body.get("token"), body.get("paymentMethod")
    is_token = method is None
    given = token if is_token else method
    if (token is None) == is_token or not _is_means(given, is_token=is_token):
        raise ApiError(INVALID_METHOD if token is None and method is not None else INVALID_TOKEN)
    return PaymentMethod(token=token, payment_method=method)


def text_in(body: Body, name: str, refusal: Refused) -> str:
    """The text in the field `name`.

    Raises:
        ApiError: it is not text, or has half a character that cannot be stored: `refusal`.
    """
    value = body.get(name)
    if not isinstance(value, str) or any("\ud800" <= each <= "\udfff" for each in value):
        raise ApiError(refusal)
    return value


def normalised_email(text: str) -> str:
    """The one spelling of an e-mail address under which its account is kept.

    Raises:
        ValueError: it is not an e-mail address. Nobody asks whether mail would arrive there.
    """
    address = text.strip().lower()
    if len(address) > EMAIL_MAX or not is_plain(address):
        raise ValueError("not an e-mail address")
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    normalised = found.normalized.lower()
    if len(normalised) > EMAIL_MAX or "." not in found.domain:
        raise ValueError("not an e-mail address")
    return normalised


def trimmed(text: str) -> str:
    """`text` without the spaces around it, and in one spelling: letters in one piece with their accents (NFC)."""
    return normalize("NFC", text).strip()


def is_plain(text: str) -> bool:
    """Whether `text` has neither control characters nor halves of characters."""
    return not any(category(each) in ("Cc", "Cs") for each in text)


def is_visible(text: str) -> bool:
    """Whether there is something to see in `text`: a letter, a number, a sign or a symbol, an emoji too."""
    return any(category(each)[0] in "LNPS" and each not in _BLANK for each in text)


def is_stripe_id(text: str) -> bool:
    """Whether `text` looks like the name of something at Stripe, and hence can do no harm in a log."""
    return _STRIPE_ID.fullmatch(text) is not None


def _is_means(given: object, *, is_token: bool) -> bool:
    """Whether `given` looks like a token of Stripe's, or like a payment method, which is none."""
    return isinstance(given, str) and is_stripe_id(given) and given.startswith(_TOKEN) == is_token


def _attempt(read: Callable[[], Any]) -> Any:  # noqa: ANN401  the value of `read`, or its refusal
    try:
        return read()
    except ApiError as error:
        return error
