"""How the money of an order can stand: every state its rules speak of, and the messages that lead there."""

from typing import Any

from msgspec.structs import replace

from actors.contract import Message
from actors.payment_refunds import REFUND_PAUSE
from actors.payment_state import Attempt, Payment

from .given import FIRST_TRY, NOON, ORDER, PRICE, SECOND_TRY
from .payment_papers import (
    CLOSED_CARD,
    FORGOTTEN,
    ORDER_CANCELLED,
    PAGE,
    VISA,
    back,
    dead,
    declined,
    needs_action,
    not_back,
    opened,
    page_opened,
    refund,
    request,
    stop,
    succeeded,
)

# --- How the money can stand ----------------------------------------------------------------------------------------

UNKNOWN = Payment(id=ORDER)
FIRST = Attempt(number=1, payment_id=FIRST_TRY, amount=PRICE, title="Front row", method=VISA, since=NOON)
NEXT = replace(FIRST, number=2, payment_id=SECOND_TRY)
BY_PAGE = replace(FIRST, method=PAGE)
ON_THE_PAGE = replace(BY_PAGE, phase="acting", stripe_id="cs_1")
WITH_ID = replace(FIRST, phase="confirming", stripe_id="pi_1")
NO_FUNDS = replace(WITH_ID, phase="cancelling", code="insufficient_funds", reason="No funds")

NOT_BACK = replace(WITH_ID, phase="succeeded", refunds=1, reason=CLOSED_CARD)

DECLINED = replace(NO_FUNDS, phase="failed")
PAST = replace(DECLINED, method=FORGOTTEN)


def at(version: int, attempt: Attempt | None, status: str = "open", **fields: Any) -> Payment:
    return Payment(id=ORDER, version=version, status=status, attempt=attempt, **fields)


STATES: dict[str, Payment] = {
    "unknown": UNKNOWN,
    "closed": at(0, None, status="closed"),  # the end came before any request
    "stopped_early": at(0, None, status="unknown", stopped=1),  # the stop came before its request
    "opening": at(0, FIRST),
    "confirming": at(1, WITH_ID),
    "confirming_to_stop": at(2, replace(WITH_ID, stopping=True)),
    "acting": at(2, replace(WITH_ID, phase="acting")),
    "acting_to_stop": at(3, replace(WITH_ID, phase="acting", stopping=True)),
    "cancelling": at(2, NO_FUNDS),
    "cancelling_to_stop": at(3, replace(NO_FUNDS, stopping=True)),
    "succeeded": at(2, replace(WITH_ID, phase="succeeded")),
    "failed": at(3, DECLINED),
    "refused_by_stripe": at(1, replace(NO_FUNDS, phase="failed", stripe_id=None)),
    "stopped": at(3, replace(WITH_ID, phase="failed", stopping=True)),
    "stopped_while_opening": at(1, replace(FIRST, phase="failed", stopping=True)),
    "refunding": at(3, replace(WITH_ID, phase="refunding", refunds=1)),
    "refund_failed": at(4, NOT_BACK),
    "refunding_again": at(5, replace(NOT_BACK, phase="refunding", refunds=2, since=NOON + REFUND_PAUSE)),
    "refunded": at(4, replace(WITH_ID, phase="refunded", refunds=1)),
    "page_opening": at(0, BY_PAGE),
    "page_open": at(1, ON_THE_PAGE),
    "page_closing": at(2, replace(ON_THE_PAGE, stopping=True)),
    "page_paid": at(2, replace(ON_THE_PAGE, phase="succeeded", stripe_id="pi_1")),
    "page_abandoned": at(3, replace(ON_THE_PAGE, phase="failed", stopping=True)),
    "second_opening": at(4, NEXT, past=(PAST,)),
    "second_and_late_money": at(5, NEXT, past=(replace(PAST, phase="succeeded"),)),
    "second_and_refunding": at(6, NEXT, past=(replace(PAST, phase="refunding", refunds=1),)),
    "second_and_refunded": at(7, NEXT, past=(replace(PAST, phase="refunded", refunds=1),)),
    "second_refused_for_money": at(5, replace(DECLINED, phase="succeeded"), stopped=2),
    "second_refused": at(2, WITH_ID, stopped=2),  # a second was asked for while the first was live
    "closed_while_opening": at(1, replace(FIRST, stopping=True), status="closed"),
    "closed_while_confirming": at(2, replace(WITH_ID, stopping=True), status="closed"),
    "closed_and_refunded": at(5, replace(WITH_ID, phase="refunded", refunds=1), status="closed"),
}

# --- The messages that lead there -----------------------------------------------------------------------------------

PAID: list[Message] = [request(1), opened(1), succeeded(1)]
SECOND: list[Message] = [request(1), opened(1), declined(1), dead(1), request(2)]
WAYS: dict[str, list[Message]] = {
    "closed": [ORDER_CANCELLED],
    "stopped_early": [stop(1)],
    "opening": [request(1)],
    "confirming": [request(1), opened(1)],
    "confirming_to_stop": [request(1), opened(1), stop(1)],
    "acting": [request(1), opened(1), needs_action(1)],
    "acting_to_stop": [request(1), opened(1), needs_action(1), stop(1)],
    "cancelling": [request(1), opened(1), declined(1)],
    "cancelling_to_stop": [request(1), opened(1), declined(1), stop(1)],
    "succeeded": PAID,
    "failed": [request(1), opened(1), declined(1), dead(1)],
    "refused_by_stripe": [request(1), declined(1)],
    "stopped": [request(1), opened(1), stop(1), dead(1)],
    "stopped_while_opening": [request(1), stop(1)],
    "refunding": [*PAID, refund(1)],
    "refund_failed": [*PAID, refund(1), not_back(1)],
    "refunding_again": [*PAID, refund(1), not_back(1), refund(1)],
    "refunded": [*PAID, refund(1), back(1)],
    "page_opening": [request(1, PAGE)],
    "page_open": [request(1, PAGE), page_opened(1)],
    "page_closing": [request(1, PAGE), page_opened(1), stop(1)],
    "page_paid": [request(1, PAGE), page_opened(1), succeeded(1)],
    "page_abandoned": [request(1, PAGE), page_opened(1), stop(1), dead(1)],
    "second_opening": SECOND,
    "second_and_late_money": [*SECOND, succeeded(1)],
    "second_and_refunding": [*SECOND, succeeded(1), refund(1)],
    "second_and_refunded": [*SECOND, succeeded(1), refund(1), back(1)],
    "second_refused_for_money": [request(1), opened(1), declined(1), dead(1), succeeded(1), request(2)],
    "second_refused": [request(1), opened(1), request(2)],
    "closed_while_opening": [request(1), ORDER_CANCELLED],
    "closed_while_confirming": [request(1), opened(1), ORDER_CANCELLED],
    "closed_and_refunded": [*PAID, refund(1), back(1), ORDER_CANCELLED],
}

# --- What states have in common -------------------------------------------------------------------------------------

CLOSED = ("closed", "closed_while_opening", "closed_while_confirming", "closed_and_refunded")
NO_ATTEMPT = ("unknown", "closed", "stopped_early")
OPENING = ("opening", "closed_while_opening", "page_opening")
CONFIRMING = ("confirming", "confirming_to_stop", "second_refused", "closed_while_confirming")
ACTING = ("acting", "acting_to_stop")
PAGES = ("page_open", "page_closing")
CANCELLING = ("cancelling", "cancelling_to_stop")
FIRST_LIVE = (*OPENING, *CONFIRMING, *ACTING, *PAGES, *CANCELLING)
SUCCEEDED = ("succeeded", "refund_failed", "page_paid", "second_refused_for_money")
REFUNDING = ("refunding", "refunding_again")
REFUNDED = ("refunded", "second_and_refunded", "closed_and_refunded")
FAILED = ("failed", "refused_by_stripe", "stopped", "stopped_while_opening", "page_abandoned")
SECONDS = ("second_opening", "second_and_late_money", "second_and_refunding", "second_and_refunded")
