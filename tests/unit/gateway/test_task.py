"""The payments service's task: each step goes where it belongs."""

import asyncio
from typing import Any

import pytest
import stripe
from msgspec.structs import replace

from actors.contract import (
    CheckoutOpened,
    IntentCancelled,
    IntentDeclined,
    IntentOpened,
    IntentSucceeded,
    RefundSucceeded,
)
from actors.gateway.task import WATCHED_AT_ONCE_MAX, StripeTask

from .fakes import (
    ACTING,
    ATTEMPT,
    CANCELLING,
    CONFIRMING,
    LOST,
    ON_THE_PAGE,
    OPENING,
    PAGE,
    PRICE,
    REFUNDING,
    REFUSED,
    FakeStripe,
    intent,
    listed,
    refund,
    session,
    with_attempt,
)

PAGE_OPENING = replace(ATTEMPT, method=PAGE)
PAGE_CLOSING = replace(ON_THE_PAGE, stopping=True)
PAID = IntentSucceeded(attempt=1, stripe_id="pi_1", amount=PRICE)


@pytest.mark.parametrize(
    ("attempt", "script", "answer"),
    [
        (
            ATTEMPT,
            {"payment_intents_create": intent("requires_payment_method")},
            IntentOpened(attempt=1, stripe_id="pi_1"),
        ),
        (
            PAGE_OPENING,
            {"checkout_sessions_create": session("open")},
            CheckoutOpened(attempt=1, stripe_id="cs_1", url="https://pay.example/cs_1"),
        ),
        (CONFIRMING, {"payment_intents_confirm": intent("succeeded")}, PAID),
        (ACTING, {"payment_intents_retrieve": intent("succeeded")}, PAID),
        (ON_THE_PAGE, {"checkout_sessions_retrieve": session("complete", "paid")}, PAID),
        (
            CANCELLING,
            {"payment_intents_retrieve": intent("canceled")},
            IntentCancelled(attempt=1, stripe_id="pi_1"),
        ),
        (
            PAGE_CLOSING,
            {"checkout_sessions_retrieve": session("expired")},
            IntentCancelled(attempt=1, stripe_id="cs_1"),
        ),
        (REFUNDING, {"refunds_list": listed([refund("succeeded")])}, RefundSucceeded(attempt=1, refund=1)),
        (
            replace(REFUNDING, method=PAGE),
            {"refunds_list": listed([refund("succeeded")])},
            RefundSucceeded(attempt=1, refund=1),
        ),
    ],
    ids=[
        "open",
        "open a page",
        "confirm",
        "watch",
        "watch a page",
        "cancel",
        "close a page",
        "refund",
        "refund a page",
    ],
)
async def test_a_step_is_done_where_it_belongs(attempt, script, answer):
    client = FakeStripe(**script)
    assert await StripeTask(client)(with_attempt(attempt)) == answer
    assert client.asked() == list(script)


@pytest.mark.parametrize(
    ("attempt", "call"), [(ATTEMPT, "payment_intents_create"), (PAGE_OPENING, "checkout_sessions_create")]
)
async def test_what_stripe_will_not_open_is_a_decline(attempt, call):
    too_small = stripe.InvalidRequestError(
        "Amount must be at least 50 cents",
        "amount",
        code="amount_too_small",
        json_body={"error": {"message": "Amount must be at least 50 cents"}},
    )
    assert await StripeTask(FakeStripe(**{call: too_small}))(with_attempt(attempt)) == IntentDeclined(
        attempt=1, code="amount_too_small", reason="Amount must be at least 50 cents"
    )


async def test_a_refusal_without_a_code_or_words():
    bare = stripe.InvalidRequestError(None, None)
    answer = await StripeTask(FakeStripe(payment_intents_create=bare))(OPENING)
    assert (answer.code, answer.reason) == ("invalid_payment", "Stripe refused the payment")


@pytest.mark.parametrize(("attempt", "call"), [(CONFIRMING, "payment_intents_confirm"), (REFUNDING, "refunds_list")])
async def test_what_is_lost_is_not_an_answer(attempt, call):
    with pytest.raises(stripe.APIConnectionError):
        await StripeTask(FakeStripe(**{call: LOST}))(with_attempt(attempt))


async def test_a_look_that_stripe_refuses_is_not_an_answer():
    with pytest.raises(stripe.InvalidRequestError):
        await StripeTask(FakeStripe(payment_intents_retrieve=REFUSED))(with_attempt(ACTING))


async def test_a_page_that_waits_has_no_answer_and_is_no_trouble():
    assert await StripeTask(FakeStripe(checkout_sessions_retrieve=session("open")))(with_attempt(ON_THE_PAGE)) is None


async def test_an_earlier_attempt_is_worked_on_under_its_own_keys():
    later = replace(ATTEMPT, number=2, phase="failed")
    state = replace(OPENING, attempt=later, past=(REFUNDING,))
    client = FakeStripe(refunds_list=listed(), refunds_create=refund("succeeded"))
    assert await StripeTask(client)(state) == RefundSucceeded(attempt=1, refund=1)
    assert client.keys("refunds_create") == [f"{OPENING.id}:1:refund:1"]


async def test_open_pages_leave_room_for_those_who_pay_now() -> None:
    """As many pages are being looked at as may be, and Stripe is slow to say what has become of them."""
    task = StripeTask(FakeStripe(payment_intents_confirm=intent("succeeded")))
    answers = asyncio.Event()

    async def slow_look(_: Any) -> Any:
        await answers.wait()
        return PAID

    task._checkouts.look = slow_look
    looks = [asyncio.create_task(task(with_attempt(ON_THE_PAGE))) for _ in range(WATCHED_AT_ONCE_MAX)]
    await asyncio.sleep(0)
    assert await task(with_attempt(ON_THE_PAGE)) is None
    assert await task(with_attempt(CONFIRMING)) == PAID
    answers.set()
    assert await asyncio.gather(*looks) == [PAID] * WATCHED_AT_ONCE_MAX
