"""Reconciliation: what Stripe holds and no webhook told of is applied."""

from datetime import timedelta

import pytest
import stripe
from msgspec.structs import replace

from actors.contract import PAYMENTS, Address, Id, Overloaded
from actors.gateway.hints import Hints
from actors.gateway.reconciliation import IN_VAIN_MAX, LOOK_BACK, REFUNDS_LOOK_BACK, Reconciliation, Report
from actors.payment_answers import IntentCancelled, IntentDeclined, IntentSucceeded, RefundFailed, RefundSucceeded
from actors.payment_state import Payment
from actors.runtime.codec import to_document
from actors.runtime.envelope import ACKNOWLEDGED
from actors.runtime.partition import slot_of
from tests.unit.fake_mongo import FakeDatabase

from .fakes import (
    ACTING,
    ATTEMPT,
    FAILED_INSIDE,
    LOST,
    METADATA,
    NOON,
    ON_THE_PAGE,
    OPENING,
    ORDER,
    PRICE,
    REFUSED,
    TOO_MANY,
    Caller,
    FakeStripe,
    Noon,
    charge,
    declined_intent,
    intent,
    listed,
    refund,
    session,
    with_attempt,
)

EVERYTHING = range(4096)
AGES = (LOOK_BACK, REFUNDS_LOOK_BACK)
PAID = intent("succeeded")
REFUNDED = intent("succeeded", latest_charge=charge(PRICE))
SUCCEEDED = IntentSucceeded(attempt=1, stripe_id="pi_1", amount=PRICE)
FAILED = replace(ACTING, phase="failed")
SECOND = replace(ATTEMPT, number=2)
PHASES = ("opening", "confirming", "acting", "cancelling", "succeeded", "failed", "refunding", "refunded")


def order_id(number):
    return Id(f"{number:024x}")


def of_order(number):
    return {"order_id": str(order_id(number)), "attempt": "1"}


def paid_order(number):
    return intent("succeeded", id=f"pi_{number}", metadata=of_order(number))


async def compare(
    *payments,
    sessions=(),
    intents=(),
    refunds=(),
    of_intent=None,
    gone="",
    why=REFUSED,
    slots=EVERYTHING,
    reply=ACKNOWLEDGED,
):
    """One pass: its report, and what was said to whom; `of_intent` are the refunds of the one that is looked at."""
    database, caller = FakeDatabase(), Caller(reply)
    for payment in payments:
        document = to_document(payment)
        database[PAYMENTS].documents[document["_id"]] = document
    lists = [listed(*(refunds or [[]])), *([listed(of_intent)] if of_intent is not None else [])]
    client = FakeStripe(
        checkout_sessions_list=listed(*(sessions or [[]])),
        payment_intents_list=listed(*(intents or [[]])),
        refunds_list=lists,
        payment_intents_retrieve=[why] if gone else [],
    ).holds([each for page in (*sessions, *intents, *refunds) for each in page if each.id != gone])
    client.holds([each.payment_intent for page in refunds for each in page])
    report = await Reconciliation(client, Hints(client, caller, Noon()), database, slots, Noon())()
    assert client.is_done()
    return report, caller.said, client


async def test_nothing_at_stripe_is_nothing_to_tell():
    assert (await compare())[:2] == (Report(looked_at=0, told=0, failed=0), [])


async def test_three_days_are_looked_through_and_more_of_refunds():
    *_, client = await compare()
    assert (timedelta(days=3), timedelta(days=45)) == (LOOK_BACK, REFUNDS_LOOK_BACK)
    young, old = ({"limit": 100, "created": {"gte": int((NOON - each).timestamp())}} for each in AGES)
    assert client.calls == [
        ("checkout_sessions_list", young),
        ("payment_intents_list", young | {"expand": ["data.latest_charge"]}),
        ("refunds_list", old | {"expand": ["data.payment_intent.latest_charge"]}),
    ]


async def test_money_that_nobody_told_of_is_told():
    report, said, _ = await compare(with_attempt(ACTING), intents=[[PAID]])
    assert report == Report(looked_at=1, told=1, failed=0)
    assert said == [
        (Address(service=PAYMENTS, key=ORDER), SUCCEEDED, "hint/IntentSucceeded/pi_1/2030-06-01T12:00:00+00:00")
    ]


async def test_a_page_that_nobody_told_of_is_told():
    report, said, _ = await compare(with_attempt(ON_THE_PAGE), sessions=[[session("complete", "paid")]])
    assert report == Report(looked_at=1, told=1, failed=0)
    assert [message for _, message, _ in said] == [SUCCEEDED]


async def test_what_could_not_be_told_is_counted():
    report, *_ = await compare(with_attempt(ACTING), intents=[[PAID]], reply=Overloaded(reason="full"))
    assert report == Report(looked_at=1, told=0, failed=1)


@pytest.mark.parametrize("why", [REFUSED, TOO_MANY, FAILED_INSIDE, LOST])
async def test_an_object_that_cannot_be_looked_up_keeps_no_other_from_being_told(why):
    payments = [replace(with_attempt(ACTING), id=order_id(number)) for number in (1, 2)]
    report, said, _ = await compare(*payments, intents=[[paid_order(1), paid_order(2)]], gone="pi_1", why=why)
    assert report == Report(looked_at=2, told=1, failed=1)
    assert [to.key for to, *_ in said] == [order_id(2)]


async def test_where_stripe_is_away_not_every_object_waits_for_it():
    numbers = range(1, IN_VAIN_MAX + 9)
    database = FakeDatabase()
    for number in numbers:
        document = to_document(replace(with_attempt(ACTING), id=order_id(number)))
        database[PAYMENTS].documents[document["_id"]] = document
    client = FakeStripe(
        checkout_sessions_list=listed(),
        payment_intents_list=listed([paid_order(number) for number in numbers]),
        refunds_list=listed(),
        payment_intents_retrieve=[LOST for _ in numbers],
    )
    with pytest.raises(stripe.APIConnectionError):
        await Reconciliation(client, Hints(client, Caller(), Noon()), database, EVERYTHING, Noon())()
    assert client.asked().count("payment_intents_retrieve") == IN_VAIN_MAX


async def test_all_pages_are_read():
    pages = [[paid_order(number) for number in (n, n + 1)] for n in (1, 3, 5)]
    payments = [replace(with_attempt(ACTING), id=order_id(number)) for number in range(1, 7)]
    report, said, _ = await compare(*payments, intents=pages)
    assert report == Report(looked_at=6, told=6, failed=0)
    assert [to.key for to, *_ in said] == [order_id(number) for number in range(1, 7)]


async def test_all_pages_of_sessions_are_read():
    pages = [[session("expired", id=f"cs_{number}", metadata=of_order(number))] for number in (1, 2, 3)]
    page_of = lambda number: replace(ON_THE_PAGE, stripe_id=f"cs_{number}")  # noqa: E731
    payments = [replace(with_attempt(page_of(number)), id=order_id(number)) for number in (1, 2, 3)]
    report, *_ = await compare(*payments, sessions=pages)
    assert report == Report(looked_at=3, told=3, failed=0)


async def test_only_its_own_slots_are_looked_after():
    numbers = range(1, 21)
    mine = range(2048)
    payments = [replace(with_attempt(ACTING), id=order_id(number)) for number in numbers]
    intents = [[paid_order(number) for number in numbers]]
    report, said, _ = await compare(*payments, intents=intents, slots=mine)
    expected = [order_id(number) for number in numbers if slot_of(order_id(number)) in mine]
    assert 0 < len(expected) < len(numbers)
    assert [to.key for to, *_ in said] == expected
    assert report.looked_at == len(expected)


async def test_objects_of_others_are_passed_over():
    foreign = [intent("succeeded", metadata={}), intent("succeeded", metadata={"order_id": "4711", "attempt": "1"})]
    assert (await compare(intents=[foreign]))[:2] == (Report(looked_at=0, told=0, failed=0), [])


async def test_an_order_that_is_not_known_here_is_told_nothing():
    assert (await compare(intents=[[PAID]]))[:2] == (Report(looked_at=1, told=0, failed=0), [])


async def test_a_payment_without_an_attempt_is_told_nothing():
    report, said, _ = await compare(Payment(id=ORDER, version=0, status="open"), intents=[[PAID]])
    assert (report.told, said) == (0, [])


# --- Only news ----------------------------------------------------------------------------------------------------

NEWS = {
    "succeeded": (PAID, SUCCEEDED, {"opening", "confirming", "acting", "cancelling", "failed"}),
    "canceled": (
        intent("canceled"),
        IntentCancelled(attempt=1, stripe_id="pi_1"),
        {"opening", "confirming", "acting", "cancelling"},
    ),
    "declined": (
        declined_intent(),
        IntentDeclined(attempt=1, code="expired_card", reason="Expired.", stripe_id="pi_1"),
        {"opening", "confirming", "acting"},
    ),
    "refunded": (REFUNDED, RefundSucceeded(attempt=1, refund=0), {"succeeded", "refunding"}),
}


@pytest.mark.parametrize("status", NEWS)
@pytest.mark.parametrize("phase", PHASES)
async def test_only_news_is_told(status, phase):
    thing, answer, news_in = NEWS[status]
    refunds = [refund("succeeded")] if status == "refunded" and phase in news_in else None
    attempt = replace(ACTING, phase=phase, refunds=int(phase in ("refunding", "refunded")))
    report, said, _ = await compare(with_attempt(attempt), intents=[[thing]], of_intent=refunds)
    assert [message for _, message, _ in said] == ([answer] if phase in news_in else [])
    assert report == Report(looked_at=1, told=len(said), failed=0)


@pytest.mark.parametrize("thing", [intent("canceled", id="pi_orphan"), declined_intent()], ids=["dead", "declined"])
async def test_the_end_of_another_object_is_no_news(thing):
    """An orphan, or a card that was declined on a page that is still open."""
    report, said, _ = await compare(with_attempt(ON_THE_PAGE), intents=[[thing]])
    assert (report, said) == (Report(looked_at=1, told=0, failed=0), [])


async def test_the_money_of_another_object_is_news():
    _, said, _ = await compare(with_attempt(FAILED), intents=[[intent("succeeded", id="pi_orphan")]])
    assert [message.stripe_id for _, message, _ in said] == ["pi_orphan"]


@pytest.mark.parametrize("phase", ["succeeded", "refunding"])
async def test_a_refund_that_is_pending_is_no_news(phase):
    paid = with_attempt(replace(ACTING, phase=phase, refunds=1))
    _, said, _ = await compare(paid, intents=[[REFUNDED]], of_intent=[refund("pending")])
    assert said == []


def a_failed_refund(number=1):
    return refund("failed", number, payment_intent=intent("succeeded", latest_charge=charge()))


@pytest.mark.parametrize("phase", PHASES)
async def test_a_refund_that_failed_is_news_while_it_is_waited_for_and_after_it_had_succeeded(phase):
    paid = with_attempt(replace(ACTING, phase=phase, refunds=1))
    is_news = phase in ("refunding", "refunded")
    _, said, _ = await compare(paid, refunds=[[a_failed_refund()]], of_intent=[a_failed_refund()] if is_news else None)
    assert [type(message) for _, message, _ in said] == ([RefundFailed] if is_news else [])


async def test_a_failed_refund_is_no_news_once_another_has_succeeded():
    again = with_attempt(replace(ACTING, phase="refunded", refunds=2))
    of_intent = [a_failed_refund(1), refund("succeeded", 2)]
    _, said, _ = await compare(again, refunds=[[a_failed_refund(1)]], of_intent=of_intent)
    assert said == []


async def test_a_refund_by_hand_of_an_old_sale_is_news():
    """Its intent was made so long ago that no list of intents has it."""
    back = refund("succeeded", None, payment_intent=REFUNDED)
    _, said, _ = await compare(with_attempt(replace(ACTING, phase="succeeded")), refunds=[[back]], of_intent=[back])
    assert [message for _, message, _ in said] == [RefundSucceeded(attempt=1, refund=0)]


async def test_late_money_of_an_earlier_attempt_is_news():
    payment = replace(OPENING, attempt=SECOND, past=(FAILED,))
    _, said, _ = await compare(payment, intents=[[PAID]])
    assert [message for _, message, _ in said] == [SUCCEEDED]


async def test_what_an_earlier_attempt_knows_is_no_news():
    payment = replace(OPENING, attempt=SECOND, past=(replace(FAILED, phase="refunding"),))
    _, said, _ = await compare(payment, intents=[[PAID]])
    assert said == []


async def test_an_attempt_that_is_not_known_is_told_nothing():
    later = intent("succeeded", metadata=METADATA | {"attempt": "7"})
    _, said, _ = await compare(with_attempt(FAILED), intents=[[later]])
    assert said == []


async def test_a_pass_that_cannot_ask_stripe_says_so():
    client = FakeStripe(checkout_sessions_list=LOST)
    with pytest.raises(stripe.APIConnectionError):
        await Reconciliation(client, Hints(client, Caller(), Noon()), FakeDatabase(), EVERYTHING, Noon())()
