"""Payment intents: opened unconfirmed, confirmed, watched, cancelled."""

import pytest
import stripe
from msgspec.structs import replace

from actors.contract import NextAction
from actors.gateway.client import Keys, NotYet
from actors.gateway.intents import NOTHING_TAKEN, Intents, read_intent
from actors.payment_answers import IntentCancelled, IntentDeclined, IntentNeedsAction, IntentOpened, IntentSucceeded

from .fakes import (
    ACTING,
    ATTEMPT,
    CANCELLING,
    CARD_DECLINED,
    CONFIRMING,
    FAILED_INSIDE,
    KEY_IN_USE,
    LOST,
    METADATA,
    OPENING,
    ORDER,
    PRICE,
    REFUSED,
    TOKEN,
    TRY_AGAIN,
    FakeStripe,
    declined_intent,
    intent,
    named,
    with_attempt,
)

SUCCEEDED = IntentSucceeded(attempt=1, stripe_id="pi_1", amount=PRICE)
DEAD = IntentCancelled(attempt=1, stripe_id="pi_1")
GIVEN_UP = IntentDeclined(attempt=1, code="processing_error", reason=NOTHING_TAKEN)
EXPIRED_CARD = IntentDeclined(attempt=1, code="expired_card", reason="Expired.", stripe_id="pi_1")
AT_THE_BANK = {"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example/3ds"}}
NEEDS_ACTION = IntentNeedsAction(
    attempt=1,
    next_action=NextAction(kind="redirect_to_url", url="https://bank.example/3ds", client_secret="pi_1_secret"),
)
INTENTS = {
    "succeeded": intent("succeeded"),
    "canceled": intent("canceled"),
    "declined": declined_intent(),
    "requires_payment_method": intent("requires_payment_method"),
    "requires_confirmation": intent("requires_confirmation"),
    "requires_action": intent("requires_action", next_action=AT_THE_BANK),
    "requires_capture": intent("requires_capture"),
    "processing": intent("processing"),
}


def intents(client, keys=None):
    return Intents(client.v1, keys or Keys())


async def confirmed(client, attempt=CONFIRMING):
    return await intents(client).confirm(with_attempt(attempt), attempt)


# --- Opening ------------------------------------------------------------------------------------------------------


async def test_an_intent_is_opened_unconfirmed_with_the_exact_amount():
    client = FakeStripe(payment_intents_create=intent("requires_payment_method"))
    assert await intents(client).open(OPENING, ATTEMPT) == IntentOpened(attempt=1, stripe_id="pi_1")
    ((name, asked, options),) = client.calls
    assert (name, options) == ("payment_intents_create", {"idempotency_key": f"{ORDER}:1:open"})
    assert asked == {
        "amount": 1999,
        "currency": "usd",
        "allowed_payment_method_types": ["card"],
        "metadata": METADATA,
    }


async def test_after_a_failure_of_stripes_own_another_key_opens_it():
    client = FakeStripe(payment_intents_create=[FAILED_INSIDE, intent("requires_payment_method")])
    opener = intents(client)
    with pytest.raises(stripe.APIError):
        await opener.open(OPENING, ATTEMPT)
    await opener.open(OPENING, ATTEMPT)
    assert client.keys("payment_intents_create") == [f"{ORDER}:1:open", f"{ORDER}:1:open:2"]


@pytest.mark.parametrize("error", [*TRY_AGAIN, KEY_IN_USE, REFUSED], ids=named)
async def test_whatever_else_goes_wrong_the_key_stays(error):
    client = FakeStripe(payment_intents_create=[error, intent("requires_payment_method")])
    opener = intents(client)
    with pytest.raises(type(error)):
        await opener.open(OPENING, ATTEMPT)
    await opener.open(OPENING, ATTEMPT)
    assert client.keys("payment_intents_create") == [f"{ORDER}:1:open"] * 2


# --- Confirming ---------------------------------------------------------------------------------------------------


async def test_a_confirmed_intent_has_the_money():
    client = FakeStripe(payment_intents_confirm=intent("succeeded"))
    assert await confirmed(client) == SUCCEEDED
    assert client.calls == [
        (
            "payment_intents_confirm",
            "pi_1",
            {"payment_method": "pm_card_visa"},
            {"idempotency_key": f"{ORDER}:1:confirm"},
        )
    ]


async def test_a_token_pays_as_card_data():
    client = FakeStripe(payment_intents_confirm=intent("succeeded"))
    await confirmed(client, replace(CONFIRMING, method=TOKEN))
    assert client.calls[0][2] == {"payment_method_data": {"type": "card", "card": {"token": "tok_visa"}}}


async def test_what_stripe_received_counts_and_not_what_was_asked():
    client = FakeStripe(payment_intents_confirm=intent("succeeded", amount_received=1998))
    assert (await confirmed(client)).amount == 1998


async def test_the_bank_wants_to_see_the_buyer():
    client = FakeStripe(payment_intents_confirm=INTENTS["requires_action"])
    assert await confirmed(client) == NEEDS_ACTION


@pytest.mark.parametrize(
    ("stripe_js", "url"),
    [
        ("https://js", "https://js"),
        ({"captcha_vendor_name": "arkose"}, None),  # no address, and nothing that could be stored as one
        (None, None),
    ],
)
async def test_what_stripes_own_script_has_to_do_comes_with_the_secret(stripe_js, url):
    said = intent("requires_action", next_action={"type": "use_stripe_sdk", "use_stripe_sdk": {"stripe_js": stripe_js}})
    answer = await confirmed(FakeStripe(payment_intents_confirm=said))
    assert answer.next_action == NextAction(kind="use_stripe_sdk", url=url, client_secret="pi_1_secret")


async def test_a_declined_card_is_told_in_stripes_words():
    client = FakeStripe(payment_intents_confirm=CARD_DECLINED)
    assert await confirmed(client) == IntentDeclined(
        attempt=1, code="insufficient_funds", reason="Your card has insufficient funds."
    )


async def test_a_declined_card_without_a_decline_code():
    bare = stripe.CardError(None, "", "expired_card", http_status=402)
    answer = await confirmed(FakeStripe(payment_intents_confirm=bare))
    assert (answer.code, answer.reason) == ("expired_card", "The card was declined")


@pytest.mark.parametrize("status", ["requires_payment_method", "requires_confirmation"])
async def test_what_stripe_will_not_try_is_a_refusal(status):
    client = FakeStripe(payment_intents_confirm=REFUSED, payment_intents_retrieve=INTENTS[status])
    assert await confirmed(client) == IntentDeclined(
        attempt=1, code="resource_missing", reason="No such payment method"
    )


@pytest.mark.parametrize(
    ("status", "answer"),
    [("succeeded", SUCCEEDED), ("canceled", DEAD), ("requires_action", NEEDS_ACTION)],
)
async def test_a_confirmation_that_is_refused_because_there_was_one_is_settled_by_the_intent(status, answer):
    client = FakeStripe(payment_intents_confirm=REFUSED, payment_intents_retrieve=INTENTS[status])
    assert await confirmed(client) == answer


async def test_a_confirmation_refused_while_the_bank_thinks_has_no_answer_yet():
    client = FakeStripe(payment_intents_confirm=REFUSED, payment_intents_retrieve=INTENTS["processing"])
    with pytest.raises(NotYet):
        await confirmed(client)


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        ("succeeded", SUCCEEDED),
        ("canceled", DEAD),
        ("declined", EXPIRED_CARD),
        ("requires_action", NEEDS_ACTION),
        ("requires_confirmation", GIVEN_UP),
        ("requires_payment_method", GIVEN_UP),
    ],
)
async def test_a_doubtful_confirmation_is_settled_by_the_intent(found, answer):
    client = FakeStripe(payment_intents_confirm=FAILED_INSIDE, payment_intents_retrieve=INTENTS[found])
    assert await confirmed(client) == answer


async def test_a_doubtful_confirmation_that_cannot_be_looked_up_stays_open():
    client = FakeStripe(payment_intents_confirm=FAILED_INSIDE, payment_intents_retrieve=LOST)
    with pytest.raises(stripe.APIConnectionError):
        await confirmed(client)


async def test_a_doubtful_confirmation_at_which_the_bank_still_works_is_no_decline():
    client = FakeStripe(payment_intents_confirm=FAILED_INSIDE, payment_intents_retrieve=INTENTS["processing"])
    with pytest.raises(NotYet):
        await confirmed(client)


async def test_a_confirmation_that_is_under_way_is_not_given_up():
    client = FakeStripe(payment_intents_confirm=KEY_IN_USE, payment_intents_retrieve=INTENTS["requires_confirmation"])
    with pytest.raises((stripe.APIError, NotYet)):
        await confirmed(client)


@pytest.mark.parametrize("error", TRY_AGAIN, ids=named)
async def test_a_confirmation_that_was_not_answered_is_asked_for_again_under_its_key(error):
    client = FakeStripe(payment_intents_confirm=[error, intent("succeeded")])
    with pytest.raises(type(error)):
        await confirmed(client)
    assert await confirmed(client) == SUCCEEDED
    assert client.keys("payment_intents_confirm") == [f"{ORDER}:1:confirm"] * 2


@pytest.mark.parametrize(("now", "answer"), [("succeeded", SUCCEEDED), ("declined", EXPIRED_CARD), ("canceled", DEAD)])
async def test_an_old_answer_that_is_replayed_gives_way_to_the_present_one(now, answer):
    client = FakeStripe(payment_intents_confirm=INTENTS["processing"], payment_intents_retrieve=INTENTS[now])
    assert await confirmed(client) == answer


async def test_while_the_bank_works_there_is_no_answer():
    client = FakeStripe(payment_intents_confirm=INTENTS["processing"], payment_intents_retrieve=INTENTS["processing"])
    with pytest.raises(NotYet):
        await confirmed(client)


# --- Watching -----------------------------------------------------------------------------------------------------

WATCHED = {"succeeded": SUCCEEDED, "canceled": DEAD, "declined": EXPIRED_CARD}


@pytest.mark.parametrize("found", INTENTS)
async def test_what_has_become_of_it_while_the_buyer_was_at_the_bank(found):
    client = FakeStripe(payment_intents_retrieve=INTENTS[found])
    if found in WATCHED:
        assert await intents(client).look(ACTING) == WATCHED[found]
    else:
        with pytest.raises(NotYet, match=f"the intent is {found}"):
            await intents(client).look(ACTING)


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        ({}, "expired_card", "Expired."),
        ({"decline_code": "stolen_card"}, "generic_decline", "Expired."),
        ({"decline_code": "fraudulent"}, "generic_decline", "Expired."),
        ({"decline_code": None}, "card_declined", "Expired."),
        ({"decline_code": None, "code": None, "message": None}, "card_declined", "The card was declined"),
    ],
)
def test_a_decline_is_named_as_exactly_as_buyers_may_know(error, code, reason):
    answer = read_intent(3, declined_intent(**error))
    assert answer == IntentDeclined(attempt=3, code=code, reason=reason, stripe_id="pi_1")


# --- Cancelling ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", [name for name in INTENTS if name not in ("succeeded", "canceled")])
async def test_what_is_not_paid_is_cancelled(found):
    client = FakeStripe(payment_intents_retrieve=INTENTS[found], payment_intents_cancel=intent("canceled"))
    assert await intents(client).close(CANCELLING) == DEAD
    assert client.calls[-1] == ("payment_intents_cancel", "pi_1")  # and no key: a refusal would be replayed


@pytest.mark.parametrize(("found", "answer"), [("succeeded", SUCCEEDED), ("canceled", DEAD)])
async def test_what_has_ended_is_not_ended_again(found, answer):
    client = FakeStripe(payment_intents_retrieve=INTENTS[found])
    assert await intents(client).close(CANCELLING) == answer
    assert client.asked() == ["payment_intents_retrieve"]


@pytest.mark.parametrize("error", [REFUSED, FAILED_INSIDE, KEY_IN_USE, *TRY_AGAIN], ids=named)
@pytest.mark.parametrize(("found", "answer"), [("succeeded", SUCCEEDED), ("canceled", DEAD)])
async def test_a_cancellation_that_crosses_the_end_is_settled_by_the_intent(error, found, answer):
    client = FakeStripe(
        payment_intents_retrieve=[INTENTS["requires_action"], INTENTS[found]], payment_intents_cancel=error
    )
    assert await intents(client).close(CANCELLING) == answer


@pytest.mark.parametrize("found", [name for name in INTENTS if name not in ("succeeded", "canceled")])
async def test_why_an_intent_cannot_be_cancelled_now_is_said(found):
    """It is neither dead nor paid; an operator sees what Stripe says, unless it is only that the bank is at it."""
    client = FakeStripe(payment_intents_retrieve=[INTENTS[found]] * 2, payment_intents_cancel=REFUSED)
    with pytest.raises(NotYet if found == "processing" else stripe.InvalidRequestError):
        await intents(client).close(CANCELLING)
