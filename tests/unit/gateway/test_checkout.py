"""Stripe's hosted page: opened, looked at, closed."""

import pytest
import stripe

from actors.gateway.checkout import Checkouts, read_session
from actors.gateway.client import Keys, NotYet
from actors.payment_answers import CheckoutOpened, IntentCancelled, IntentSucceeded

from .fakes import (
    FAILED_INSIDE,
    KEY_IN_USE,
    LOST,
    METADATA,
    NOT_ALLOWED,
    ON_THE_PAGE,
    ORDER,
    PRICE,
    REFUSED,
    TRY_AGAIN,
    FakeStripe,
    intent,
    named,
    session,
    with_attempt,
)

STATE = with_attempt(ON_THE_PAGE)
OPENED = CheckoutOpened(attempt=1, stripe_id="cs_1", url="https://pay.example/cs_1")
PAID = IntentSucceeded(attempt=1, stripe_id="pi_1", amount=PRICE)
DEAD = IntentCancelled(attempt=1, stripe_id="cs_1")
CREATE = "checkout_sessions_create"


def checkouts(client):
    return Checkouts(client.v1, Keys())


async def test_a_page_shows_the_ticket_at_its_exact_price():
    client = FakeStripe(checkout_sessions_create=session("open"))
    assert await checkouts(client).open(STATE, ON_THE_PAGE) == OPENED
    ((name, asked, options),) = client.calls
    assert (name, options) == (CREATE, {"idempotency_key": f"{ORDER}:1:open"})
    assert asked["line_items"] == [
        {
            "quantity": 1,
            "price_data": {"currency": "usd", "unit_amount": 1999, "product_data": {"name": "Front row"}},
        }
    ]
    assert (asked["success_url"], asked["cancel_url"]) == ("https://box.example/paid", "https://box.example/back")


async def test_a_page_and_its_intent_tell_whose_money_it_is():
    client = FakeStripe(checkout_sessions_create=session("open"))
    await checkouts(client).open(STATE, ON_THE_PAGE)
    asked = client.calls[0][1]
    assert asked["metadata"] == asked["payment_intent_data"]["metadata"] == METADATA
    assert asked["client_reference_id"] == str(ORDER)


async def test_a_page_takes_no_money_that_needs_days_to_come():
    client = FakeStripe(checkout_sessions_create=session("open"))
    await checkouts(client).open(STATE, ON_THE_PAGE)
    assert client.calls[0][1]["allowed_payment_method_types"] == ["card"]


async def test_a_page_adds_no_tax_whatever_the_account_adds_by_default():
    client = FakeStripe(checkout_sessions_create=session("open"))
    await checkouts(client).open(STATE, ON_THE_PAGE)
    assert client.calls[0][1]["automatic_tax"] == {"enabled": False}


async def test_after_a_failure_of_stripes_own_another_key_opens_another_page():
    client = FakeStripe(checkout_sessions_create=[FAILED_INSIDE, session("open")])
    opener = checkouts(client)
    with pytest.raises(stripe.APIError):
        await opener.open(STATE, ON_THE_PAGE)
    await opener.open(STATE, ON_THE_PAGE)
    assert client.keys(CREATE) == [f"{ORDER}:1:open", f"{ORDER}:1:open:2"]


@pytest.mark.parametrize("error", [*TRY_AGAIN, KEY_IN_USE, REFUSED], ids=named)
async def test_whatever_else_goes_wrong_it_is_the_same_page(error):
    client = FakeStripe(checkout_sessions_create=[error, session("open")])
    opener = checkouts(client)
    with pytest.raises(type(error)):
        await opener.open(STATE, ON_THE_PAGE)
    await opener.open(STATE, ON_THE_PAGE)
    assert client.keys(CREATE) == [f"{ORDER}:1:open"] * 2


# --- Looking ------------------------------------------------------------------------------------------------------


async def test_a_page_that_was_paid():
    client = FakeStripe(checkout_sessions_retrieve=session("complete", "paid"))
    assert await checkouts(client).look(ON_THE_PAGE) == PAID


async def test_a_page_whose_intent_comes_whole():
    whole = session("complete", "paid", payment_intent={"id": "pi_7", "object": "payment_intent"})
    answer = await checkouts(FakeStripe(checkout_sessions_retrieve=whole)).look(ON_THE_PAGE)
    assert answer == IntentSucceeded(attempt=1, stripe_id="pi_7", amount=PRICE)


async def test_a_page_that_was_left_long_ago():
    client = FakeStripe(checkout_sessions_retrieve=session("expired"))
    assert await checkouts(client).look(ON_THE_PAGE) == DEAD


async def test_an_open_page_has_no_answer():
    with pytest.raises(NotYet, match="open"):
        await checkouts(FakeStripe(checkout_sessions_retrieve=session("open"))).look(ON_THE_PAGE)


@pytest.mark.parametrize("step", ["look", "close"])
@pytest.mark.parametrize("status", ["canceled", "requires_payment_method"])
async def test_a_page_that_is_complete_and_will_never_be_paid_is_dead(step, status):
    client = FakeStripe(
        checkout_sessions_retrieve=session("complete", "unpaid"), payment_intents_retrieve=intent(status)
    )
    assert await getattr(checkouts(client), step)(ON_THE_PAGE) == IntentCancelled(attempt=1)
    assert client.calls[-1] == ("payment_intents_retrieve", "pi_1")


@pytest.mark.parametrize("step", ["look", "close"])
@pytest.mark.parametrize("status", ["processing", "succeeded", "requires_action"])
async def test_a_page_that_is_complete_and_not_paid_yet_may_be_paid(step, status):
    client = FakeStripe(
        checkout_sessions_retrieve=session("complete", "unpaid"), payment_intents_retrieve=intent(status)
    )
    with pytest.raises(NotYet):
        await getattr(checkouts(client), step)(ON_THE_PAGE)


def test_a_page_is_read_for_the_attempt_it_was_opened_for():
    assert read_session(3, session("complete", "paid")).attempt == 3


# --- Closing ------------------------------------------------------------------------------------------------------


async def test_a_page_is_closed_by_expiring_it():
    client = FakeStripe(checkout_sessions_retrieve=session("open"), checkout_sessions_expire=session("expired"))
    assert await checkouts(client).close(ON_THE_PAGE) == DEAD
    assert client.calls[-1] == ("checkout_sessions_expire", "cs_1")


@pytest.mark.parametrize(("found", "answer"), [(session("complete", "paid"), PAID), (session("expired"), DEAD)])
async def test_a_page_that_has_ended_is_not_closed_again(found, answer):
    client = FakeStripe(checkout_sessions_retrieve=found)
    assert await checkouts(client).close(ON_THE_PAGE) == answer
    assert client.asked() == ["checkout_sessions_retrieve"]


@pytest.mark.parametrize("error", [REFUSED, FAILED_INSIDE, *TRY_AGAIN], ids=named)
@pytest.mark.parametrize(("found", "answer"), [(session("complete", "paid"), PAID), (session("expired"), DEAD)])
async def test_a_closing_that_crosses_the_buyer_is_settled_by_the_session(error, found, answer):
    client = FakeStripe(checkout_sessions_retrieve=[session("open"), found], checkout_sessions_expire=error)
    assert await checkouts(client).close(ON_THE_PAGE) == answer


async def test_why_a_page_cannot_be_closed_now_is_said():
    """It is neither dead nor paid; an operator sees what Stripe says."""
    client = FakeStripe(checkout_sessions_retrieve=[session("open")] * 2, checkout_sessions_expire=NOT_ALLOWED)
    with pytest.raises(stripe.PermissionError):
        await checkouts(client).close(ON_THE_PAGE)


async def test_a_page_that_cannot_be_looked_up_is_not_touched():
    client = FakeStripe(checkout_sessions_retrieve=LOST)
    with pytest.raises(stripe.APIConnectionError):
        await checkouts(client).close(ON_THE_PAGE)
    assert client.asked() == ["checkout_sessions_retrieve"]
