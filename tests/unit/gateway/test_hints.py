"""Hints: something has happened to an object at Stripe; its present state is looked up and applied."""

from datetime import timedelta

import pytest
import stripe

from actors.contract import PAYMENTS, Address, OutcomeUnknown, Overloaded
from actors.gateway.findings import Finding, of_intent, of_refund, of_session
from actors.gateway.hints import EXPAND, EXPAND_REFUND, Hints
from actors.payment_answers import IntentCancelled, IntentDeclined, IntentSucceeded, RefundFailed, RefundSucceeded
from actors.runtime.envelope import ACKNOWLEDGED

from .fakes import (
    LOST,
    METADATA,
    ORDER,
    PRICE,
    Caller,
    FakeStripe,
    Noon,
    charge,
    declined_intent,
    intent,
    listed,
    refund,
    session,
)

SUCCEEDED = IntentSucceeded(attempt=1, stripe_id="pi_1", amount=PRICE)
DEAD_INTENT = IntentCancelled(attempt=1, stripe_id="pi_1")
DEAD_PAGE = IntentCancelled(attempt=1, stripe_id="cs_1")
EXPIRED_CARD = IntentDeclined(attempt=1, code="expired_card", reason="Expired.", stripe_id="pi_1")
ALL_BACK = RefundSucceeded(attempt=1, refund=0)
PAID = intent("succeeded", latest_charge=charge())
REFUNDED = intent("succeeded", latest_charge=charge(PRICE))


async def followed(stripe_id, reply=ACKNOWLEDGED, **script):
    client, caller = FakeStripe(**script), Caller(reply)
    answer = await Hints(client, caller, Noon()).follow(stripe_id)
    assert client.is_done()
    return answer, [message for _, message, _ in caller.said], client


def found(answer, about="pi_1"):
    return Finding(ORDER, answer, about)


# --- What objects say ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("thing", "answer"),
    [
        (PAID, SUCCEEDED),
        (intent("canceled"), DEAD_INTENT),
        (declined_intent(), EXPIRED_CARD),
    ],
)
def test_what_an_intent_says(thing, answer):
    assert of_intent(thing) == found(answer)


@pytest.mark.parametrize(
    "status", ["requires_payment_method", "requires_confirmation", "requires_action", "processing", "requires_capture"]
)
def test_an_intent_that_is_under_way_says_nothing(status):
    assert of_intent(intent(status)) is None


@pytest.mark.parametrize(
    ("thing", "answer"), [(session("complete", "paid"), SUCCEEDED), (session("expired"), DEAD_PAGE)]
)
def test_what_a_session_says(thing, answer):
    assert of_session(thing) == found(answer, "cs_1")


@pytest.mark.parametrize("thing", [session("open"), session("complete", "unpaid")])
def test_a_session_that_is_under_way_says_nothing(thing):
    assert of_session(thing) is None


FOREIGN = [
    {},
    None,
    {"order_id": str(ORDER)},
    {"attempt": "1"},
    {"order_id": "", "attempt": "1"},
    {"order_id": "4711", "attempt": "1"},
    {"order_id": "g" * 24, "attempt": "1"},
    {"order_id": str(ORDER), "attempt": ""},
    {"order_id": str(ORDER), "attempt": "-1"},
    {"order_id": str(ORDER), "attempt": "1.0"},
    {"order_id": str(ORDER), "attempt": "first"},
    {"order_id": str(ORDER), "attempt": "²"},
]


@pytest.mark.parametrize("metadata", FOREIGN, ids=str)
def test_objects_of_others_are_passed_over(metadata):
    assert of_intent(intent("succeeded", metadata=metadata)) is None
    assert of_session(session("complete", "paid", metadata=metadata)) is None


def test_whose_attempt_it_is_stands_in_the_metadata():
    later = of_intent(intent("succeeded", metadata=METADATA | {"attempt": "12"}))
    assert later == found(IntentSucceeded(attempt=12, stripe_id="pi_1", amount=PRICE))


# --- Following ----------------------------------------------------------------------------------------------------


async def test_a_hint_is_looked_up_and_told():
    client, caller = FakeStripe(payment_intents_retrieve=PAID), Caller()
    assert await Hints(client, caller, Noon()).follow("pi_1") == ACKNOWLEDGED
    assert client.calls == [("payment_intents_retrieve", "pi_1", EXPAND)]
    assert caller.said == [
        (Address(service=PAYMENTS, key=ORDER), SUCCEEDED, "hint/IntentSucceeded/pi_1/2030-06-01T12:00:00+00:00")
    ]


async def test_a_hint_at_a_page_is_looked_up_as_a_session():
    _, said, client = await followed("cs_1", checkout_sessions_retrieve=session("complete", "paid"))
    assert said == [SUCCEEDED]
    assert client.calls == [("checkout_sessions_retrieve", "cs_1")]


async def test_every_look_is_an_operation_of_its_own():
    """What was so once, and then was not, may be so again: the second time it must not be answered from memory."""
    caller, clock = Caller(), Noon()
    hints = Hints(FakeStripe(payment_intents_retrieve=[PAID, PAID]), caller, clock)
    await hints.follow("pi_1")
    clock.time += timedelta(milliseconds=1)
    await hints.follow("pi_1")
    assert caller.said[0][:2] == caller.said[1][:2]
    assert caller.said[0] != caller.said[1]


@pytest.mark.parametrize("reply", [Overloaded(reason="full"), OutcomeUnknown(reason="late"), ACKNOWLEDGED], ids=str)
async def test_who_hints_hears_what_came_of_it(reply):
    answer, *_ = await followed("pi_1", reply, payment_intents_retrieve=PAID)
    assert answer == reply


async def test_a_hint_at_what_is_under_way_is_told_to_nobody():
    answer, said, _ = await followed("pi_1", payment_intents_retrieve=intent("processing"))
    assert answer is None
    assert said == []


async def test_a_hint_at_an_object_of_others_is_told_to_nobody():
    answer, said, _ = await followed("pi_1", payment_intents_retrieve=intent("succeeded", metadata={}))
    assert answer is None
    assert said == []


async def test_without_a_look_nothing_is_told():
    caller = Caller()
    with pytest.raises(stripe.APIConnectionError):
        await Hints(FakeStripe(payment_intents_retrieve=LOST), caller, Noon()).follow("pi_1")
    assert caller.said == []


# --- Money that went back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refunds", "answer"),
    [
        ([refund("succeeded")], ALL_BACK),
        ([refund("succeeded", None)], ALL_BACK),
        ([refund("succeeded", None, 999), refund("succeeded", None, 1000)], ALL_BACK),
        ([refund("pending")], SUCCEEDED),
        ([refund("requires_action")], SUCCEEDED),
        ([refund("failed"), refund("canceled")], SUCCEEDED),
        ([refund("succeeded", None, 999), refund("pending", None, 1000)], SUCCEEDED),
        ([], SUCCEEDED),
    ],
)
async def test_money_is_back_when_refunds_that_succeeded_make_the_whole(refunds, answer):
    _, said, client = await followed("pi_1", payment_intents_retrieve=REFUNDED, refunds_list=listed(refunds))
    assert said == [answer]
    assert client.calls[-1] == ("refunds_list", {"payment_intent": "pi_1", "limit": 100})


@pytest.mark.parametrize("so_far", [0, 1, PRICE - 1])
async def test_a_part_that_went_back_is_not_asked_about(so_far):
    _, said, _ = await followed("pi_1", payment_intents_retrieve=intent("succeeded", latest_charge=charge(so_far)))
    assert said == [SUCCEEDED]


async def test_a_charge_that_is_only_named_says_nothing_of_refunds():
    _, said, _ = await followed("pi_1", payment_intents_retrieve=intent("succeeded", latest_charge="ch_1"))
    assert said == [SUCCEEDED]


async def test_an_intent_that_took_nothing_is_not_refunded():
    _, said, _ = await followed("pi_1", payment_intents_retrieve=intent("canceled", latest_charge=charge()))
    assert said == [DEAD_INTENT]


# --- Refunds ------------------------------------------------------------------------------------------------------

STOLEN = "The refund failed: the card of the buyer was lost or stolen"


def failed_refund(number=2, status="failed", of=PAID):
    return refund(status, number, payment_intent=of, failure_reason="lost_or_stolen_card")


@pytest.mark.parametrize("status", ["failed", "canceled"])
@pytest.mark.parametrize(("number", "said_of"), [(2, 2), (None, 0)], ids=["ours", "by hand"])
async def test_a_refund_that_failed_says_so_however_late(status, number, said_of):
    failed = failed_refund(number, status)
    _, said, client = await followed("re_1", refunds_retrieve=failed, refunds_list=listed([failed]))
    assert said == [RefundFailed(attempt=1, refund=said_of, reason=STOLEN)]
    assert client.calls[0] == ("refunds_retrieve", "re_1", EXPAND_REFUND)


async def test_a_refund_that_failed_is_past_once_others_have_given_the_money_back():
    failed = failed_refund(of=REFUNDED)
    refunds = [failed, refund("succeeded", 3)]
    _, said, _ = await followed("re_1", refunds_retrieve=failed, refunds_list=[listed(refunds), listed(refunds)])
    assert said == [ALL_BACK]


@pytest.mark.parametrize(("of", "refunds", "answer"), [(REFUNDED, 1, ALL_BACK), (PAID, 0, SUCCEEDED)])
async def test_a_refund_that_succeeded_says_what_its_intent_says(of, refunds, answer):
    whole = refund("succeeded", payment_intent=of)
    lists = {"refunds_list": listed([whole])} if refunds else {}
    _, said, _ = await followed("re_1", refunds_retrieve=whole, **lists)
    assert said == [answer]


@pytest.mark.parametrize("status", ["succeeded", "failed"])
async def test_a_refund_without_an_intent_is_none_of_ours(status):
    answer, said, _ = await followed("re_1", refunds_retrieve=refund(status, payment_intent=None))
    assert answer is None
    assert said == []
    assert of_refund(refund(status, payment_intent=None)) is None


async def test_two_refunds_that_fail_are_two_findings():
    """Else the second would be answered by what is remembered of the first."""
    one, two = failed_refund(1), refund("failed", 2, id="re_2", payment_intent=PAID)
    caller = Caller()
    for each in (one, two):
        client = FakeStripe(refunds_retrieve=each, refunds_list=listed([one, two]))
        await Hints(client, caller, Noon()).follow(each.id)
    assert len({op for *_, op in caller.said}) == 2
