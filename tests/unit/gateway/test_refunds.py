"""Giving money back: once, whatever gets lost on the way."""

import pytest
import stripe
from msgspec.structs import replace

from actors.gateway.client import Keys, NotYet
from actors.gateway.refunds import BACK_SOON, Refunds, is_all_back
from actors.payment_answers import RefundFailed, RefundSucceeded

from .fakes import (
    FAILED_INSIDE,
    KEY_IN_USE,
    ORDER,
    PRICE,
    REFUNDING,
    REFUSED,
    TRY_AGAIN,
    FakeStripe,
    listed,
    named,
    refund,
    with_attempt,
)

BACK = RefundSucceeded(attempt=1, refund=1)
NONE = listed()
CREATE = "refunds_create"
SECOND_TRY = replace(REFUNDING, refunds=2)


def refunds(client):
    return Refunds(client.v1, Keys())


async def asked_back(client, attempt=REFUNDING):
    return await refunds(client).refund(with_attempt(attempt), attempt)


async def test_all_of_it_goes_back():
    client = FakeStripe(refunds_list=NONE, refunds_create=refund("succeeded"))
    assert await asked_back(client) == BACK
    assert client.calls == [
        ("refunds_list", {"payment_intent": "pi_1", "limit": 100}),
        (
            CREATE,
            {"payment_intent": "pi_1", "metadata": {"order_id": str(ORDER), "refund": "1"}},
            {"idempotency_key": f"{ORDER}:1:refund:1"},
        ),
    ]


async def test_a_refund_that_stripe_already_has_is_the_refund():
    client = FakeStripe(refunds_list=listed([refund("succeeded")]))
    assert await asked_back(client) == BACK
    assert client.asked() == ["refunds_list"]


@pytest.mark.parametrize("status", ["pending", "requires_action"])
@pytest.mark.parametrize("known", [True, False])
async def test_a_refund_that_is_under_way_is_waited_for(status, known):
    found = listed([refund(status)]) if known else NONE
    client = FakeStripe(refunds_list=found, **({} if known else {"refunds_create": refund(status)}))
    with pytest.raises(NotYet, match=status):
        await asked_back(client)
    assert client.is_done()


@pytest.mark.parametrize("status", ["failed", "canceled"])
@pytest.mark.parametrize("known", [True, False])
async def test_a_refund_that_failed_says_why(status, known):
    said = refund(status, failure_reason="lost_or_stolen_card")
    client = FakeStripe(refunds_list=listed([said]) if known else NONE, **({} if known else {"refunds_create": said}))
    reason = "The refund failed: the card of the buyer was lost or stolen"
    assert await asked_back(client) == RefundFailed(attempt=1, refund=1, reason=reason)


@pytest.mark.parametrize("code", [{}, {"failure_reason": None}, {"failure_reason": "a_code_of_tomorrow"}], ids=str)
async def test_why_a_refund_failed_is_never_a_code(code):
    answer = await asked_back(FakeStripe(refunds_list=listed([refund("failed", **code)])))
    assert answer.reason == "The refund failed at the bank"


async def test_after_a_failed_refund_the_next_one_is_another():
    client = FakeStripe(refunds_list=listed([refund("failed")]), refunds_create=refund("succeeded", 2))
    assert await asked_back(client, SECOND_TRY) == RefundSucceeded(attempt=1, refund=2)
    assert client.keys(CREATE) == [f"{ORDER}:1:refund:2"]
    assert client.calls[-1][1]["metadata"]["refund"] == "2"


async def test_a_refund_that_stripe_refuses_says_why():
    client = FakeStripe(refunds_list=[NONE, NONE], refunds_create=REFUSED)
    assert await asked_back(client) == RefundFailed(attempt=1, refund=1, reason="Stripe refused the refund")


async def test_a_refund_refused_because_somebody_was_faster_is_done():
    by_hand = listed([refund("succeeded", None)])
    assert await asked_back(FakeStripe(refunds_list=[NONE, by_hand], refunds_create=REFUSED)) == BACK


async def test_a_refund_refused_because_somebody_elses_is_pending_is_waited_for():
    """Should that one fail, the next try must not hear the old refusal again, as it would under the old key."""
    pending, failed = listed([refund("pending", None)]), listed([refund("failed", None)])
    client = FakeStripe(refunds_list=[NONE, pending, failed], refunds_create=[REFUSED, refund("succeeded")])
    task = refunds(client)
    with pytest.raises(NotYet):
        await task.refund(with_attempt(REFUNDING), REFUNDING)
    assert await task.refund(with_attempt(REFUNDING), REFUNDING) == BACK
    assert client.keys(CREATE) == [f"{ORDER}:1:refund:1", f"{ORDER}:1:refund:1:2"]


# --- What others gave back ----------------------------------------------------------------------------------------


async def test_what_was_given_back_by_hand_is_not_given_back_again():
    client = FakeStripe(refunds_list=listed([refund("succeeded", None)]))
    assert await asked_back(client) == BACK


async def test_a_part_given_back_by_hand_is_not_all_of_it():
    client = FakeStripe(
        refunds_list=listed([refund("succeeded", None, 500)]), refunds_create=refund("succeeded", amount=PRICE - 500)
    )
    assert await asked_back(client) == BACK
    assert "amount" not in client.calls[-1][1]  # Stripe gives back what is left


async def test_parts_that_make_the_whole_are_all_of_it():
    parts = listed([refund("succeeded", None, 500), refund("succeeded", None, PRICE - 500)])
    assert await asked_back(FakeStripe(refunds_list=parts)) == BACK


async def test_parts_that_will_make_the_whole_are_waited_for():
    parts = listed([refund("succeeded", None, 500), refund("pending", None, PRICE - 500)])
    with pytest.raises(NotYet):
        await asked_back(FakeStripe(refunds_list=parts))


async def test_parts_that_failed_count_for_nothing():
    parts = listed([refund("failed", None, PRICE), refund("canceled", None, PRICE)])
    client = FakeStripe(refunds_list=parts, refunds_create=refund("succeeded"))
    assert await asked_back(client) == BACK


async def test_the_refund_that_was_asked_for_counts_beside_all_others():
    found = listed([refund("failed", 1), refund("succeeded", 2)])
    assert await asked_back(FakeStripe(refunds_list=found), SECOND_TRY) == RefundSucceeded(attempt=1, refund=2)


@pytest.mark.parametrize(
    ("refunds", "is_back", "will_be"),
    [
        ([], False, False),
        ([refund("succeeded", None, 500)], False, False),
        ([refund("succeeded"), refund("succeeded", None, PRICE)], True, True),
        ([refund("succeeded", None, 500), refund("succeeded", 2, PRICE - 500)], True, True),
        ([refund("succeeded", None, 500), refund("pending", 2, PRICE - 500)], False, True),
        ([refund("succeeded", None, 500), refund("requires_action", 2, PRICE - 500)], False, True),
        ([refund("succeeded", None, 500), refund("failed", 2, PRICE - 500)], False, False),
    ],
)
def test_when_all_of_it_is_back_or_will_be(refunds, is_back, will_be):
    assert is_all_back(refunds, PRICE) == is_back
    assert is_all_back(refunds, PRICE, BACK_SOON) == will_be


# --- What gets lost -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [*TRY_AGAIN, KEY_IN_USE], ids=named)
async def test_a_refund_that_was_not_answered_is_asked_for_again_under_its_key(error):
    client = FakeStripe(refunds_list=[NONE, NONE], refunds_create=[error, refund("succeeded")])
    task = refunds(client)
    with pytest.raises(type(error)):
        await task.refund(with_attempt(REFUNDING), REFUNDING)
    assert await task.refund(with_attempt(REFUNDING), REFUNDING) == BACK
    assert client.keys(CREATE) == [f"{ORDER}:1:refund:1"] * 2


async def test_a_failure_of_stripes_own_that_left_nothing_spends_the_key():
    client = FakeStripe(refunds_list=[NONE, NONE, NONE], refunds_create=[FAILED_INSIDE, refund("succeeded")])
    task = refunds(client)
    with pytest.raises(stripe.APIError):
        await task.refund(with_attempt(REFUNDING), REFUNDING)
    assert await task.refund(with_attempt(REFUNDING), REFUNDING) == BACK
    assert client.keys(CREATE) == [f"{ORDER}:1:refund:1", f"{ORDER}:1:refund:1:2"]


async def test_a_failure_of_stripes_own_after_the_effect_is_found_out():
    done = listed([refund("succeeded")])
    client = FakeStripe(refunds_list=[NONE, done, done], refunds_create=FAILED_INSIDE)
    task = refunds(client)
    with pytest.raises(stripe.APIError):
        await task.refund(with_attempt(REFUNDING), REFUNDING)
    assert await task.refund(with_attempt(REFUNDING), REFUNDING) == BACK
    assert client.keys(CREATE) == [f"{ORDER}:1:refund:1"]


@pytest.mark.parametrize("error", [*TRY_AGAIN, FAILED_INSIDE], ids=named)
async def test_without_a_look_at_what_there_is_nothing_is_given_back(error):
    client = FakeStripe(refunds_list=error)
    with pytest.raises(type(error)):
        await asked_back(client)
    assert client.asked() == ["refunds_list"]
