"""Paying: intents, methods and declines."""

import operator
import re
import time
from functools import partial
from typing import Any

import pytest
import stripe

from tests.integration.sandbox.hosted_page import opened
from tests.integration.sandbox.process import KEY, Sandbox
from tests.integration.sandbox.steps import CARD_ONLY, PAY, declined, pay, refused

# The SDK hands its body to httpx in a way that httpx would rather not see any more.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def test_a_payment_has_the_fields_and_types_of_stripe(api: Any) -> None:
    intent = pay(api, metadata={"order_id": "7", "odd key": "ä&=[]"}, description="Front row")
    assert re.fullmatch(r"pi_\w{24}", intent.id)
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert (intent.object, intent.status, intent.livemode) == ("payment_intent", "succeeded", False)
    assert (intent.amount, intent.amount_received, intent.amount_capturable) == (1000, 1000, 0)
    assert intent.metadata.to_dict() == {"order_id": "7", "odd key": "ä&=[]"}
    assert intent.latest_charge.startswith("ch_")
    assert intent.last_payment_error is None
    assert abs(intent.created - time.time()) < 60
    assert intent.canceled_at is None


async def test_the_async_client_pays_too(sandbox: Sandbox) -> None:
    client = stripe.StripeClient(KEY, base_addresses={"api": sandbox.url}, http_client=stripe.HTTPXClient())
    intent = await client.v1.payment_intents.create_async({"amount": 2500, "currency": "usd"})
    assert intent.status == "requires_payment_method"
    data: Any = {
        "payment_method_data": {"type": "card", "card": {"token": "tok_visa"}},
        "return_url": "https://shop.test/back",
    }
    paid = await client.v1.payment_intents.confirm_async(intent.id, data)
    found = await client.v1.payment_intents.retrieve_async(intent.id)
    assert (paid.status, found.status, found.amount_received) == ("succeeded", "succeeded", 2500)


def test_a_test_id_makes_a_payment_method_of_its_own(api: Any) -> None:
    first, second = pay(api), pay(api)
    assert first.payment_method.startswith("pm_")
    assert first.payment_method != second.payment_method
    assert api.payment_methods.retrieve(first.payment_method).card.last4 == "4242"


@pytest.mark.parametrize(
    ("card", "brand", "last4"),
    [
        ({"token": "tok_visa"}, "visa", "4242"),
        ({"token": "tok_mastercard"}, "mastercard", "4444"),
        ({"number": "4000 0025 0000 3155", "exp_month": 1, "exp_year": 2090, "cvc": "123"}, "visa", "3155"),
    ],
)
def test_payment_methods_come_from_tokens_and_numbers(api: Any, card: Any, brand: str, last4: str) -> None:
    method = api.payment_methods.create({"type": "card", "card": card})
    assert (method.card.brand, method.card.last4, method.livemode) == (brand, last4, False)


DECLINES = [
    ("visa_chargeDeclined", "card_declined", "generic_decline"),
    ("chargeDeclined", "card_declined", "generic_decline"),
    ("visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
    ("chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ("chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
    ("chargeDeclinedProcessingError", "processing_error", "processing_error"),
]


@pytest.mark.parametrize("as_token", [False, True])
@pytest.mark.parametrize(("name", "code", "decline_code"), DECLINES)
def test_declines_say_why(api: Any, name: str, code: str, decline_code: str, as_token: bool) -> None:
    method: Any = {"payment_method": f"pm_card_{name}"}
    if as_token:
        method = {"payment_method_data": {"type": "card", "card": {"token": f"tok_{name}"}}}
    error: Any = declined(lambda: api.payment_intents.create({**PAY, **method})).error
    assert (error.type, error.code, error.decline_code) == ("card_error", code, decline_code)
    intent = api.payment_intents.retrieve(error.payment_intent.id)
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert (intent.last_payment_error.code, intent.last_payment_error.charge) == (code, error.charge)
    charge = api.charges.retrieve(error.charge)
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, code)


def test_another_card_pays_after_a_decline(api: Any) -> None:
    intent = api.payment_intents.create({"amount": 1000, "currency": "usd", "automatic_payment_methods": CARD_ONLY})
    declined(lambda: api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa_chargeDeclined"}))
    paid = api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)
    charges = api.charges.list({"payment_intent": intent.id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


def test_an_intent_waits_for_its_confirmation(api: Any) -> None:
    intent = api.payment_intents.create({"amount": 1000, "currency": "usd", "automatic_payment_methods": CARD_ONLY})
    updated = api.payment_intents.update(intent.id, {"payment_method": "pm_card_visa", "metadata": {"a": "1"}})
    assert (updated.status, updated.metadata["a"]) == ("requires_confirmation", "1")
    assert api.payment_intents.update(intent.id, {"metadata": {"a": ""}}).metadata.to_dict() == {}
    assert api.payment_intents.confirm(intent.id).status == "succeeded"
    assert refused(lambda: api.payment_intents.confirm(intent.id)).code == "payment_intent_unexpected_state"


def test_confirming_needs_a_method_and_a_way_back(api: Any) -> None:
    intent = api.payment_intents.create({"amount": 1000, "currency": "usd"})
    assert refused(lambda: api.payment_intents.confirm(intent.id)).code == "payment_intent_unexpected_state"
    error = refused(lambda: api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}))
    assert "return_url" in str(error)
    assert api.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_canceling_ends_what_is_not_paid(api: Any) -> None:
    intent = api.payment_intents.create({"amount": 1000, "currency": "usd"})
    ended = api.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (ended.status, ended.cancellation_reason) == ("canceled", "abandoned")
    assert ended.canceled_at
    for over in (intent, pay(api)):
        error: Any = refused(partial(api.payment_intents.cancel, over.id))
        assert error.code == "payment_intent_unexpected_state"
        assert error.error.payment_intent.id == over.id


def test_manual_capture_holds_first(api: Any) -> None:
    held = pay(api, capture_method="manual")
    assert (held.status, held.amount_capturable, held.amount_received) == ("requires_capture", 1000, 0)
    taken = api.payment_intents.capture(held.id, {"amount_to_capture": 700})
    assert (taken.status, taken.amount_received) == ("succeeded", 700)
    assert refused(lambda: api.refunds.create({"payment_intent": held.id, "amount": 701})).param == "amount"


def test_expanding_puts_objects_in_place_of_ids(api: Any) -> None:
    intent = pay(api, expand=["latest_charge", "payment_method"])
    assert (intent.latest_charge.object, intent.payment_method.object) == ("charge", "payment_method")
    found = api.payment_intents.list({"limit": 1, "expand": ["data.latest_charge"]}).data[0]
    assert found.latest_charge.id == intent.latest_charge.id
    assert "cannot be expanded" in str(refused(lambda: api.payment_intents.retrieve(intent.id, {"expand": ["x"]})))


@pytest.mark.parametrize("family", ["payment_intents", "charges", "refunds", "checkout.sessions"])
def test_a_list_expands_what_begins_with_data_and_nothing_else_does(api: Any, family: str) -> None:
    objects = operator.attrgetter(family)(api)
    inner = "latest_charge" if family == "payment_intents" else "payment_intent"
    assert objects.list({"expand": [f"data.{inner}"]}).object == "list"
    assert f"'data.{inner}'" in str(refused(lambda: objects.list({"expand": [inner]})))
    assert "(data)" in str(refused(lambda: objects.retrieve("xx_no", {"expand": [f"data.{inner}"]})))


def test_an_empty_value_unsets_metadata_from_the_start(api: Any) -> None:
    intent = pay(api, metadata={"a": "", "b": "2"})
    assert intent.metadata.to_dict() == {"b": "2"}
    refund = api.refunds.create({"payment_intent": intent.id, "metadata": ""})
    assert refund.metadata.to_dict() == {}
    assert opened(api, metadata={"a": "", "b": "2"}).metadata.to_dict() == {"b": "2"}


def test_updates_add_up_to_fifty_keys_of_metadata(api: Any) -> None:
    intent = api.payment_intents.create({"amount": 1000, "currency": "usd", "metadata": {"0": "x"}})
    api.payment_intents.update(intent.id, {"metadata": {str(key): "x" for key in range(40)}})
    more = {"metadata": {str(key): "x" for key in range(40, 80)}}
    assert "you've set 80" in str(refused(lambda: api.payment_intents.update(intent.id, more)))
    assert len(api.payment_intents.retrieve(intent.id).metadata.to_dict()) == 40


def test_lists_are_newest_first_and_page(api: Any) -> None:
    made = [pay(api).id for _ in range(5)]
    paged = [one.id for one, _ in zip(api.payment_intents.list({"limit": 2}).auto_paging_iter(), made, strict=False)]
    assert paged == made[::-1]
    assert api.payment_intents.list({"created": {"gte": int(time.time()) + 999}}).data == []
    recent = {"created": {"gte": int(time.time()) - 999}, "limit": 100}
    assert set(made) <= {one.id for one in api.payment_intents.list(recent).data}
