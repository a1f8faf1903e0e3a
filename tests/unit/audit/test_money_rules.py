"""The rules of money: each violation planted, and the books in order."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from cluster.audit.facts import Attempt, File
from cluster.audit.money_rules import REFUND_MAX, REFUNDS_MAX, is_returning, money, pending

from .facts import NOW, file_of, order_of, paid, sold


def codes(file: File) -> list[str]:
    return [each.code for each in money(file)]


def order_with(*payments: dict[str, Any], **changes: Any) -> File:
    order = order_of(**changes)
    return file_of(order, payments=tuple(paid(order, **each) for each in payments))


GIVEN_BACK = {"refunded": 1999}
RETURNING = {"returning": True}


@pytest.mark.parametrize(
    "file",
    [
        sold(),
        order_with(GIVEN_BACK, {}, status="complete", payment="paid"),
        order_with(RETURNING, {}, status="complete", payment="paid"),
        order_with(status="cancelled"),
        order_with(GIVEN_BACK, status="cancelled", payment="refunded"),
        order_with(RETURNING, status="cancelled", payment="refunding"),
        order_with(RETURNING, status="complete", payment="refunding"),
        order_with(RETURNING, RETURNING, status="complete", payment="refunding"),
        order_with(GIVEN_BACK | RETURNING, status="complete", payment="refunding"),
        order_with({}, status="awaiting:payment", payment="processing"),
        order_with(status="created"),
    ],
)
def test_books_in_order_break_no_rule(file: File) -> None:
    assert codes(file) == []


@pytest.mark.parametrize("payments", [(), (GIVEN_BACK,)])
def test_a_sale_without_money(payments: tuple[dict[str, Any], ...]) -> None:
    assert codes(order_with(*payments, status="complete", payment="paid")) == ["sale_without_money"]


def test_a_sale_paid_twice_names_both_payments() -> None:
    file = order_with({}, {}, status="complete", payment="paid")
    [found] = money(file)
    assert found.code == "paid_twice"
    assert len([name for name in found.documents if name.startswith("stripe/pi_")]) == 2


@pytest.mark.parametrize("payment", [{"captured": 1998}, {"captured": 2500}, {"refunded": 500}])
def test_a_sale_at_another_price(payment: dict[str, Any]) -> None:
    assert codes(order_with(payment, status="complete", payment="paid")) == ["amount_differs"]


@pytest.mark.parametrize("payment", [{}, {"refunded": 1}])
def test_money_of_an_order_that_is_over(payment: dict[str, Any]) -> None:
    assert codes(order_with(payment, status="cancelled", payment="failed")) == ["money_kept"]


@pytest.mark.parametrize("status", ["complete", "cancelled"])
def test_a_refund_that_nobody_makes_is_overdue(status: str) -> None:
    assert codes(order_with({}, status=status, payment="refunding")) == ["refund_overdue"]
    assert codes(order_with({}, RETURNING, status=status, payment="refunding")) == ["refund_overdue"]


@pytest.mark.parametrize("payments", [(), (GIVEN_BACK,)])
def test_a_refund_that_is_over_and_never_told_is_unheard(payments: tuple[dict[str, Any], ...]) -> None:
    assert codes(order_with(*payments, status="complete", payment="refunding")) == ["refund_unheard"]


@pytest.mark.parametrize("said", [None, "failed", "refunded"])
def test_a_sale_that_does_not_say_that_it_is_paid(said: str | None) -> None:
    [found] = money(order_with({}, status="complete", payment=said))
    assert found.code == "payment_differs"


@pytest.mark.parametrize("status", ["paid", "refunding"])
@pytest.mark.parametrize("stripe_id", [None, "pi_bogus"])
def test_a_sale_that_names_a_payment_that_is_not_its_own(stripe_id: str | None, status: str) -> None:
    file = order_with(RETURNING, {"refunded": 1999}, status="complete", payment=status)
    [order] = file.orders
    wrong = replace(file, orders=(replace(order, stripe_id=stripe_id),))
    assert "payment_differs" in codes(wrong)
    assert "payment_differs" not in codes(replace(file, orders=(replace(order, stripe_id="cs_1"),)))


@pytest.mark.parametrize("changes", [{"status": "complete"}, {"status": "cancelled", "payment": "refunded"}])
def test_an_order_that_says_another_amount_than_stripe_took(changes: dict[str, Any]) -> None:
    back = GIVEN_BACK if changes["status"] == "cancelled" else {}
    file = order_with(back, **{"payment": "paid"} | changes)
    [order] = file.orders
    assert codes(replace(file, orders=(replace(order, amount=1998),))) == ["amount_differs"]
    session = replace(order, amount=1998, stripe_id="cs_1")
    assert codes(replace(file, orders=(session,))) == ["amount_differs"], "there is no other that it could be"


def test_of_several_payments_a_sessions_own_cannot_be_told() -> None:
    file = order_with({"captured": 1}, {"refunded": 1999}, status="complete", payment="paid")
    [order] = file.orders
    several = replace(file, orders=(replace(order, amount=1999, stripe_id="cs_1"),))
    assert codes(several) == ["amount_differs"], "for what Stripe keeps, and not for what the order says of it"


def test_an_order_without_money_says_nothing_of_how_much_came() -> None:
    file = order_with(GIVEN_BACK, status="cancelled", payment="failed")
    [order] = file.orders
    assert codes(replace(file, orders=(replace(order, amount=5),))) == []


def test_an_order_that_is_over_may_say_anything_of_its_payment() -> None:
    assert codes(order_with(GIVEN_BACK, status="cancelled", payment="refunded", stripe_id="pi_2")) == []
    assert codes(order_with(status="cancelled")) == []


def test_a_refund_excuses_no_second_payment() -> None:
    assert codes(order_with({}, {}, status="complete", payment="refunding")) == ["paid_twice"]


@pytest.mark.parametrize(
    ("since", "refunds", "expected"),
    [
        (None, 0, False),
        (NOW, 1, True),
        (NOW + timedelta(hours=6), 9, True),  # the next try, after a pause
        (NOW - REFUND_MAX, 1, False),
        (NOW, REFUNDS_MAX + 1, False),
    ],
)
def test_money_is_on_its_way_back_for_days_at_most(since: Any, refunds: int, expected: bool) -> None:
    attempt = Attempt(order_id=ObjectId(), stripe_id="pi_1", returning_since=since, refunds=refunds)
    assert is_returning(attempt, NOW) is expected


def test_what_is_on_its_way_is_pending() -> None:
    assert list(pending(order_with(RETURNING, status="complete", payment="refunding"))) == ["refund_under_way"]
    assert list(pending(order_with(RETURNING, {}, status="complete", payment="paid"))) == ["refund_under_way"]
    assert list(pending(order_with({}, status="awaiting:payment"))) == ["payment_under_way"]
    assert list(pending(sold())) == []


def test_the_price_counts_and_not_what_the_order_was_told() -> None:
    file = sold()
    [order] = file.orders
    assert codes(replace(file, orders=(replace(order, price=1),))) == ["amount_differs"]
