"""Hints: something has happened to an object at Stripe; its present state is looked up and applied."""

import pytest
import stripe

from actors.contract import (
    PAYMENTS,
    Address,
    IntentCancelled,
    IntentDeclined,
    IntentSucceeded,
    OutcomeUnknown,
    Overloaded,
    RefundSucceeded,
)
from actors.gateway.hints import EXPAND, NOTHING_TO_SAY, Finding, Hints, of_intent, of_session
from actors.runtime.message import Acknowledged

from .fakes import (
    LOST,
    METADATA,
    ORDER,
    PRICE,
    FakeStripe,
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
LOST_CARD = IntentDeclined(attempt=1, code="lost_card", reason="Lost.", stripe_id="pi_1")
ALL_BACK = RefundSucceeded(attempt=1, refund=0)
PAID = intent("succeeded", latest_charge=charge())
REFUNDED = intent("succeeded", latest_charge=charge(PRICE))


class Caller:
    """Notes what is said to whom."""

    def __init__(self, reply=NOTHING_TO_SAY):
        self.said = []
        self._reply = reply

    async def ask(self, to, message, op):
        self.said.append((to, message, op))
        return self._reply


async def followed(stripe_id, reply=NOTHING_TO_SAY, **script):
    client, caller = FakeStripe(**script), Caller(reply)
    answer = await Hints(client, caller).follow(stripe_id)
    assert client.is_done()
    return answer, [message for _, message, _ in caller.said], client


def found(answer):
    return Finding(ORDER, answer)


# --- What objects say ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("thing", "answer"),
    [
        (PAID, SUCCEEDED),
        (intent("canceled"), DEAD_INTENT),
        (declined_intent(), LOST_CARD),
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
    assert of_session(thing) == found(answer)


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
    assert await Hints(client, caller).follow("pi_1") == Acknowledged()
    assert client.calls == [("payment_intents_retrieve", "pi_1", EXPAND)]
    assert caller.said == [(Address(service=PAYMENTS, key=ORDER), SUCCEEDED, "hint/IntentSucceeded/1")]


async def test_a_hint_at_a_page_is_looked_up_as_a_session():
    _, said, client = await followed("cs_1", checkout_sessions_retrieve=session("complete", "paid"))
    assert said == [SUCCEEDED]
    assert client.calls == [("checkout_sessions_retrieve", "cs_1")]


async def test_the_same_hint_is_recognised_by_its_operation():
    caller = Caller()
    hints = Hints(FakeStripe(payment_intents_retrieve=[PAID, PAID]), caller)
    await hints.follow("pi_1")
    await hints.follow("pi_1")
    assert caller.said[0] == caller.said[1]


@pytest.mark.parametrize("reply", [Overloaded(reason="full"), OutcomeUnknown(reason="late"), Acknowledged()], ids=str)
async def test_who_hints_hears_what_came_of_it(reply):
    answer, *_ = await followed("pi_1", reply, payment_intents_retrieve=PAID)
    assert answer == reply


async def test_a_hint_at_what_is_under_way_is_told_to_nobody():
    answer, said, _ = await followed("pi_1", payment_intents_retrieve=intent("processing"))
    assert (answer, said) == (NOTHING_TO_SAY, [])


async def test_a_hint_at_an_object_of_others_is_told_to_nobody():
    _, said, _ = await followed("pi_1", payment_intents_retrieve=intent("succeeded", metadata={}))
    assert said == []


async def test_without_a_look_nothing_is_told():
    caller = Caller()
    with pytest.raises(stripe.APIConnectionError):
        await Hints(FakeStripe(payment_intents_retrieve=LOST), caller).follow("pi_1")
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
