"""serve_app.fields: what people send, field by field."""

from collections.abc import Callable
from typing import Any

import pytest
from bson import ObjectId
from msgspec.structs import replace

from actors.contract import PaymentMethod
from serve_app import fields
from serve_app.refusals import (
    HIDDEN_TITLE,
    INVALID_EMAIL,
    INVALID_TICKET_ID,
    INVALID_TITLE,
    INVALID_TOKEN,
    ApiError,
)


def codes(read: Callable[[], object]) -> list[str]:
    with pytest.raises(ApiError) as error:
        read()
    assert error.value.status == 400
    return [refusal.code for refusal in error.value.refusals]


@pytest.mark.parametrize(
    ("given", "title"),
    [
        (" a ", "a"),
        ("x" * 200, "x" * 200),
        ("👩‍👩‍👧 é", "👩‍👩‍👧 é"),
        ("🎟️", "🎟️"),
        ("7", "7"),
        ("?", "?"),
        ("שלום\u200f!", "שלום\u200f!"),
        (" U\u0308bung", "\u00dcbung"),
        ("u\u0308" * 200, "\u00fc" * 200),
    ],
)
def test_titles(given: str, title: str) -> None:
    assert fields.title_in({"title": given}) == title


@pytest.mark.parametrize("given", [None, 1, "", " ", "x" * 201, "\0", "a\x1bb", "a\u0085x", "\ud800", "x\udc00"])
def test_what_is_no_title(given: object) -> None:
    assert codes(lambda: fields.title_in({"title": given})) == ["invalid_title"]


@pytest.mark.parametrize(
    "given",
    ["\u200b", "\u200d\ufe0f", "\u3164", "\u2800 \u2800", "\u0301", "seat \u202egnp.exe", "\u2066seat\u2069"],
    ids=ascii,
)
def test_a_title_that_cannot_be_seen_or_turns_others_around(given: str) -> None:
    with pytest.raises(ApiError) as error:
        fields.title_in({"title": given})
    assert error.value.refusals == (HIDDEN_TITLE,)


@pytest.mark.parametrize(
    ("given", "email"),
    [(" Ada@Example.COM ", "ada@example.com"), ("a+b@x.test", "a+b@x.test"), ("ü@exämple.de", "ü@exämple.de"),
     ("ada@EXÄMPLE.de", "ada@exämple.de")],
)  # fmt: skip
def test_addresses(given: str, email: str) -> None:
    assert fields.email_in({"email": given}) == email


@pytest.mark.parametrize("given", [None, "", "ada", "ada@localhost", "a@b@c.d", "a\0@b.de", "\ud800@b.de", "a" * 255])
def test_what_is_no_address(given: object) -> None:
    assert codes(lambda: fields.email_in({"email": given})) == ["invalid_email"]


@pytest.mark.parametrize("given", [None, "x" * 7, "x" * 129, "\ud800" * 8])
def test_what_is_no_password(given: object) -> None:
    assert codes(lambda: fields.password_in({"password": given})) == ["invalid_password"]


def test_ids() -> None:
    assert fields.id_in({"ticketId": "ABCDEF" * 4}, "ticketId", INVALID_TICKET_ID) == ObjectId("abcdef" * 4)
    for given in (None, "", "x" * 24, "0" * 23, "0" * 25, "0" * 24 + "\n", 10**23):
        assert codes(lambda given=given: fields.id_from(given, INVALID_TICKET_ID)) == ["invalid_id"]


@pytest.mark.parametrize(
    ("body", "method"),
    [({"token": "tok_visa"}, PaymentMethod(token="tok_visa")),
     ({"paymentMethod": "pm_1", "token": None}, PaymentMethod(payment_method="pm_1"))],
)  # fmt: skip
def test_payment_methods(body: dict[str, Any], method: PaymentMethod) -> None:
    assert fields.payment_method_in(body) == method


@pytest.mark.parametrize(
    "body",
    [{}, {"token": "tok_a", "paymentMethod": "b"}, {"token": "tok_a b"}, {"token": ""}, {"token": 1},
     {"token": "visa"}, {"token": "pm_card_visa"}, {"paymentMethod": "tok_visa"}],
)  # fmt: skip
def test_what_is_no_payment_method(body: dict[str, Any]) -> None:
    assert codes(lambda: fields.payment_method_in(body)) == ["invalid_payment_method"]


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "token"), ({"token": None, "paymentMethod": None}, "token"), ({"token": "a", "paymentMethod": "b"}, "token"),
     ({"token": "a b"}, "token"), ({"token": None, "paymentMethod": 5}, "paymentMethod"),
     ({"paymentMethod": "tok visa"}, "paymentMethod"), ({"paymentMethod": ""}, "paymentMethod"),
     ({"token": "pm_card_visa"}, "token"), ({"paymentMethod": "tok_visa"}, "paymentMethod"),
     ({"token": "tok_a", "paymentMethod": "pm_b"}, "token")],
    ids=str,
)  # fmt: skip
def test_the_field_at_fault_is_the_one_that_was_given(body: dict[str, Any], field: str) -> None:
    with pytest.raises(ApiError) as error:
        fields.payment_method_in(body)
    assert error.value.refusals == (replace(INVALID_TOKEN, field=field),)


@pytest.mark.parametrize("given", ["$20", "12,50", "twenty", "", None, True, [], "-1", "1.999", 0])
def test_what_is_no_price_hears_how_prices_are_written(given: object) -> None:
    with pytest.raises(ApiError) as error:
        fields.price_in({"price": given})
    (refusal,) = error.value.refusals
    assert (refusal.code, refusal.field) == ("invalid_price", "price")
    assert "more than 0" in refusal.message
    assert "a number such as 12.50" in refusal.message


def test_both_fields_or_all_their_refusals() -> None:
    def no_title() -> str:
        raise ApiError(INVALID_TITLE)

    def no_email() -> int:
        raise ApiError(INVALID_EMAIL)

    assert fields.both(lambda: 1, lambda: "two") == (1, "two")
    assert codes(lambda: fields.both(no_title, lambda: 1)) == ["invalid_title"]
    assert codes(lambda: fields.both(no_title, no_email)) == ["invalid_title", "invalid_email"]
