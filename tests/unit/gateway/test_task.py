"""The payments service's task: each step goes where it belongs."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

import pytest
import stripe
from msgspec.structs import replace

from actors.contract import Id
from actors.gateway.task import StripeTask
from actors.payment_answers import (
    CheckoutOpened,
    IntentCancelled,
    IntentDeclined,
    IntentOpened,
    IntentSucceeded,
    RefundSucceeded,
)
from actors.runtime.attendance import Attendances
from actors.runtime.snapshot import Snapshot
from tests.unit.runtime.fakes import at_home

from .fakes import (
    ACTING,
    ATTEMPT,
    CANCELLING,
    CONFIRMING,
    LOST,
    NOON,
    ON_THE_PAGE,
    OPENING,
    ORDER,
    PAGE,
    PRICE,
    REFUNDING,
    REFUSED,
    FakeStripe,
    Noon,
    intent,
    listed,
    refund,
    session,
    with_attempt,
)

PAGE_OPENING = replace(ATTEMPT, method=PAGE)
ACTING_TO_STOP = replace(ACTING, stopping=True)
PAGE_CLOSING = replace(ON_THE_PAGE, stopping=True)
A_MINUTE = timedelta(minutes=1)
WAITING = ["watch", "watch a page", "cancel", "close a page", "refund"]
PAID = IntentSucceeded(attempt=1, stripe_id="pi_1", amount=PRICE)


def task(client, now=NOON):
    clock = Noon()
    clock.time = now
    return StripeTask(client, clock)


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
    assert await task(client)(with_attempt(attempt)) == answer
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
    assert await task(FakeStripe(**{call: too_small}))(with_attempt(attempt)) == IntentDeclined(
        attempt=1, code="amount_too_small", reason="Amount must be at least 50 cents"
    )


async def test_a_refusal_without_a_code_or_words():
    bare = stripe.InvalidRequestError(None, None)
    answer = await task(FakeStripe(payment_intents_create=bare))(OPENING)
    assert (answer.code, answer.reason) == ("invalid_payment", "Stripe refused the payment")


@pytest.mark.parametrize(("attempt", "call"), [(CONFIRMING, "payment_intents_confirm"), (REFUNDING, "refunds_list")])
async def test_what_is_lost_is_not_an_answer(attempt, call):
    with pytest.raises(stripe.APIConnectionError):
        await task(FakeStripe(**{call: LOST}))(with_attempt(attempt))


async def test_a_look_that_stripe_refuses_is_not_an_answer():
    with pytest.raises(stripe.InvalidRequestError):
        await task(FakeStripe(payment_intents_retrieve=REFUSED))(with_attempt(ACTING))


async def test_a_page_that_waits_has_no_answer_and_is_no_trouble():
    assert await task(FakeStripe(checkout_sessions_retrieve=session("open")))(with_attempt(ON_THE_PAGE)) is None


async def test_an_earlier_attempt_is_worked_on_under_its_own_keys():
    later = replace(ATTEMPT, number=2, phase="failed")
    state = replace(OPENING, attempt=later, past=(REFUNDING,))
    client = FakeStripe(refunds_list=listed(), refunds_create=refund("succeeded"))
    assert await task(client)(state) == RefundSucceeded(attempt=1, refund=1)
    assert client.keys("refunds_create") == [f"{OPENING.id}:1:refund:1"]


async def test_a_refund_that_is_pending_keeps_no_other_from_being_made():
    """It may be pending for days."""
    pending = replace(REFUNDING, stripe_id="pi_0")
    state = replace(OPENING, attempt=replace(REFUNDING, number=2, since=NOON + A_MINUTE), past=(pending,))
    client = FakeStripe(refunds_list=[listed([refund("pending")]), listed()], refunds_create=refund("succeeded"))
    assert await task(client, NOON + A_MINUTE)(state) == RefundSucceeded(attempt=2, refund=1)


async def test_a_page_that_waits_keeps_no_refund_from_being_made():
    state = replace(OPENING, attempt=replace(ON_THE_PAGE, number=2), past=(REFUNDING,))
    client = FakeStripe(
        checkout_sessions_retrieve=session("open"), refunds_list=listed(), refunds_create=refund("succeeded")
    )
    assert await task(client)(state) == RefundSucceeded(attempt=1, refund=1)


async def test_what_cannot_be_looked_up_keeps_nothing_else_from_being_done_and_is_trouble_until_then():
    state = replace(OPENING, attempt=replace(REFUNDING, number=2), past=(REFUNDING,))
    client = FakeStripe(refunds_list=[REFUSED, listed([refund("succeeded")]), REFUSED, listed([refund("pending")])])
    assert await task(client)(state) == RefundSucceeded(attempt=1, refund=1)
    with pytest.raises(stripe.InvalidRequestError):
        await task(client)(state)


async def test_what_is_not_due_yet_is_left_alone():
    later = replace(REFUNDING, number=2, refunds=2, since=NOON + A_MINUTE)
    client = FakeStripe(refunds_list=listed([refund("pending")]))
    assert await task(client)(replace(OPENING, attempt=later, past=(REFUNDING,))) is None
    assert client.is_done()


async def test_why_money_cannot_go_back_stands_in_the_log(caplog):
    await task(FakeStripe(refunds_list=[listed(), listed()], refunds_create=REFUSED))(with_attempt(REFUNDING))
    assert caplog.messages == [
        f"order {ORDER}, attempt 1: Stripe refuses a refund: No such payment method",
        f"order {ORDER}, attempt 1, refund 1: Stripe refused the refund",
    ]


class SilentStripe(FakeStripe):
    """Never answers; notes when it is asked to take money."""

    def __init__(self):
        super().__init__()
        self.takes_money = asyncio.Event()

    async def answer(self, name, *args):
        if name == "payment_intents_confirm":
            self.takes_money.set()
        await asyncio.Future()


def hosted(state):
    return SimpleNamespace(key=state.id, snapshot=Snapshot(state.id, state), due=lambda: NOON)


@pytest.mark.parametrize("attempt", [ACTING, ON_THE_PAGE, ACTING_TO_STOP, PAGE_CLOSING, REFUNDING], ids=WAITING)
async def test_what_can_wait_leaves_room_for_those_who_pay_now(attempt):
    """More payments than may be worked on at once came first, and Stripe is slow to say what has become of them."""
    before = [replace(with_attempt(attempt), id=Id(f"{number:024x}")) for number in range(100, 200)]
    payments = {state.id: hosted(state) for state in (*before, with_attempt(CONFIRMING))}
    client = SilentStripe()
    attendances = Attendances(at_home(payments.__getitem__), Noon(), task(client), at_once_max=64)
    for order_id in payments:
        attendances.attend(order_id)
    await asyncio.wait_for(client.takes_money.wait(), 1)
    attendances.close()
