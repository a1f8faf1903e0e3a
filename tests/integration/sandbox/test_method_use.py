"""A PaymentMethod pays once: Stripe takes one again only for a customer, and there are none here."""

from typing import Any

import httpx
import pytest

from tests.integration.sandbox.steps import CARD_ONLY, challenged, declined, pay, refused


def method_of(api: Any, token: str = "tok_visa") -> str:
    return str(api.payment_methods.create({"type": "card", "card": {"token": token}}).id)


def waiting(api: Any, **given: Any) -> str:
    """An intent that nobody has confirmed."""
    asked = {"amount": 1000, "currency": "usd", "automatic_payment_methods": CARD_ONLY}
    return str(api.payment_intents.create({**asked, **given}).id)


def refused_as_used(act: Any) -> None:
    error: Any = refused(act)
    assert "may not be used again" in str(error)
    assert (error.error.type, error.code, error.param) == ("invalid_request_error", None, None)


def test_what_paid_pays_nothing_else(api: Any) -> None:
    method, other = method_of(api), waiting(api)
    pay(api, method)
    refused_as_used(lambda: pay(api, method))
    refused_as_used(lambda: api.payment_intents.update(other, {"payment_method": method}))
    refused_as_used(lambda: api.payment_intents.confirm(other, {"payment_method": method}))
    assert api.payment_intents.retrieve(other).status == "requires_payment_method"


def test_two_intents_may_have_it_and_one_is_paid(api: Any) -> None:
    method = method_of(api)
    first, second = (waiting(api, payment_method=method) for _ in range(2))
    assert api.payment_intents.confirm(first).status == "succeeded"
    refused_as_used(lambda: api.payment_intents.confirm(second))


def test_after_a_decline_the_same_intent_wants_another(api: Any) -> None:
    intent, method = waiting(api), method_of(api, "tok_visa_chargeDeclined")
    declined(lambda: api.payment_intents.confirm(intent, {"payment_method": method}))
    refused_as_used(lambda: api.payment_intents.confirm(intent, {"payment_method": method}))
    assert api.payment_intents.confirm(intent, {"payment_method": method_of(api)}).status == "succeeded"


def test_while_a_challenge_waits_the_same_intent_may_be_confirmed_again(api: Any) -> None:
    method = method_of(api, "tok_threeDSecure2Required")
    intent, _ = challenged(api, method)
    for given in ({}, {"payment_method": method}):
        assert api.payment_intents.confirm(intent.id, given).status == "requires_action"
    refused_as_used(lambda: pay(api, method))


def test_after_a_failed_challenge_the_same_intent_wants_another(api: Any) -> None:
    method = method_of(api, "tok_threeDSecure2Required")
    intent, url = challenged(api, method)
    httpx.post(url, data={"outcome": "fail"})
    refused_as_used(lambda: api.payment_intents.confirm(intent.id, {"payment_method": method}))


def test_a_confirmation_that_is_refused_uses_nothing(api: Any) -> None:
    intent, method = waiting(api, automatic_payment_methods={"enabled": True}), method_of(api)
    refused(lambda: api.payment_intents.confirm(intent, {"payment_method": method}))
    assert pay(api, method).status == "succeeded"


@pytest.mark.parametrize(
    "given",
    [
        {"payment_method": "pm_card_visa"},
        {"payment_method_data": {"type": "card", "card": {"token": "tok_visa"}}},
    ],
)
def test_test_ids_and_tokens_make_new_ones(api: Any, given: Any) -> None:
    paid = [api.payment_intents.confirm(waiting(api), given) for _ in range(2)]
    assert len({intent.payment_method for intent in paid}) == 2
