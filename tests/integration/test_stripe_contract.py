"""One contract, two Stripes: the same scenarios against the sandbox always, and against Stripe's own test mode when
`STRIPE_TEST_KEY` is set. Every answer is held against the facts of tests/stripe_facts.py.

What only a person in a browser can do (the hosted page, a bank's 3-D Secure page) is left to the sandbox's own tests.
"""

import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import stripe

from tests.integration.sandbox.process import Sandbox
from tests.stripe_facts import wrong
from tests.waiting import wait_for

CARD_ONLY = {"enabled": True, "allow_redirects": "never"}
INTENT = {"amount": 1999, "currency": "usd", "automatic_payment_methods": CARD_ONLY}
PAY = {**INTENT, "confirm": True, "payment_method": "pm_card_visa"}
RETURN = {"return_url": "https://example.com/back"}


@dataclass(frozen=True)
class Side:
    """One of the two Stripes."""

    api: Any
    strict: bool
    """The sandbox shows no field that is not documented; Stripe may have newer ones."""

    def fits(self, name: str, item: Any) -> Any:
        """The object, after a look at its fields."""
        assert wrong(name, item.to_dict(), strict=self.strict) == []
        return item


@pytest.fixture(scope="module", params=["sandbox", "stripe"])
def side(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    if request.param == "stripe":
        yield real_stripe()
        return
    sandbox = Sandbox(tmp_path_factory.mktemp("contract") / "sandbox.sqlite3")
    yield Side(sandbox.client().v1, strict=True)
    sandbox.end()


def real_stripe() -> Side:
    key = os.environ.get("STRIPE_TEST_KEY", "")
    if not key:
        pytest.skip("STRIPE_TEST_KEY is not set: only the sandbox is tested")
    assert key.startswith(("sk_test_", "rk_test_")), "the contract is for test mode only, never for real money"
    client = stripe.StripeClient(
        key, http_client=stripe.HTTPXClient(allow_sync_methods=True, timeout=30), max_network_retries=0
    )
    return Side(client.v1, strict=False)


@pytest.fixture
def api(side: Side) -> Any:
    return side.api


def fresh_key() -> Any:
    return {"idempotency_key": f"contract-{uuid.uuid4()}"}


def failure(side: Side, kind: type[stripe.StripeError], status: int, act: Callable[[], Any]) -> Any:
    with pytest.raises(kind) as error:
        act()
    assert error.value.http_status == status
    body = error.value.json_body
    assert isinstance(body, dict)
    assert wrong("error", body["error"], strict=side.strict) == []
    return error.value.error


refused = partial(failure, kind=stripe.InvalidRequestError, status=400)


# Paying


def test_paying(side: Side, api: Any) -> None:
    intent = side.fits("payment_intent", api.payment_intents.create({**PAY, "metadata": {"order_id": "7"}}))
    assert (intent.status, intent.amount_received, intent.metadata["order_id"]) == ("succeeded", 1999, "7")
    charge = side.fits("charge", api.charges.retrieve(intent.latest_charge))
    assert (charge.status, charge.paid, charge.captured, charge.amount_captured) == ("succeeded", True, True, 1999)
    method = side.fits("payment_method", api.payment_methods.retrieve(intent.payment_method))
    assert (method.type, method.card.brand, method.card.last4) == ("card", "visa", "4242")


def test_confirming_later(side: Side, api: Any) -> None:
    intent = side.fits("payment_intent", api.payment_intents.create(INTENT))
    assert (intent.status, intent.payment_method, intent.latest_charge) == ("requires_payment_method", None, None)
    paid = api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_mastercard"})
    assert side.fits("payment_intent", paid).status == "succeeded"
    error = refused(side, act=lambda: api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}))
    assert error.code == "payment_intent_unexpected_state"


def test_cards_alone_need_no_way_back(side: Side, api: Any) -> None:
    """As the gateway asks for them."""
    intent = api.payment_intents.create({"amount": 1999, "currency": "usd", "allowed_payment_method_types": ["card"]})
    assert side.fits("payment_intent", intent).payment_method_types == ["card"]
    token: Any = {"payment_method_data": {"type": "card", "card": {"token": "tok_visa"}}}
    assert side.fits("payment_intent", api.payment_intents.confirm(intent.id, token)).status == "succeeded"


def test_types_are_allowed_not_listed_and_not_both(side: Side, api: Any) -> None:
    listed = {"amount": 1999, "currency": "usd", "payment_method_types": ["card"]}
    error = refused(side, act=lambda: api.payment_intents.create(listed))
    assert error.code == "payment_method_types_no_longer_supported"
    both = {**INTENT, "allowed_payment_method_types": ["card"]}
    refused(side, act=lambda: api.payment_intents.create(both))


def test_a_page_for_cards_without_tax(side: Side, api: Any) -> None:
    """As the gateway asks for it."""
    page = {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        "automatic_tax": {"enabled": False},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {"currency": "usd", "unit_amount": 1999, "product_data": {"name": "Front row"}},
            }
        ],
        "success_url": "https://example.com/paid",
    }
    session = side.fits("checkout.session", api.checkout.sessions.create(page))
    assert (session.payment_method_types, session.amount_total, session.automatic_tax.enabled) == (
        ["card"],
        1999,
        False,
    )


def test_holding_and_capturing(side: Side, api: Any) -> None:
    held = side.fits("payment_intent", api.payment_intents.create({**PAY, "capture_method": "manual"}))
    assert (held.status, held.amount_capturable, held.amount_received) == ("requires_capture", 1999, 0)
    taken = side.fits("payment_intent", api.payment_intents.capture(held.id))
    assert (taken.status, taken.amount_capturable, taken.amount_received) == ("succeeded", 0, 1999)


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
def test_declines(side: Side, api: Any, card: str, code: str, decline_code: str) -> None:
    intent = api.payment_intents.create(INTENT)
    error = failure(
        side, stripe.CardError, 402, lambda: api.payment_intents.confirm(intent.id, {"payment_method": card})
    )
    assert (error.type, error.code, error.decline_code) == ("card_error", code, decline_code)
    declined = side.fits("payment_intent", api.payment_intents.retrieve(intent.id))
    assert (declined.status, declined.amount_received) == ("requires_payment_method", 0)
    assert declined.last_payment_error.code == code
    charge = side.fits("charge", api.charges.retrieve(declined.latest_charge))
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, code)
    paid = api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)


def test_3d_secure_is_asked_for(side: Side, api: Any) -> None:
    card = {"payment_method": "pm_card_threeDSecure2Required", **RETURN}
    intent = side.fits("payment_intent", api.payment_intents.create({**PAY, **card}))
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    assert intent.next_action.redirect_to_url.return_url == RETURN["return_url"]
    assert intent.next_action.redirect_to_url.url.startswith("http")
    ended = side.fits("payment_intent", api.payment_intents.cancel(intent.id))
    assert (ended.status, ended.next_action, ended.amount_received) == ("canceled", None, 0)


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"amount": 1, "currency": "usd"}, "amount_too_small", "amount"),
        ({"currency": "usd"}, "parameter_missing", "amount"),
        ({"amount": 1999, "currency": "usd", "surprise": "x"}, "parameter_unknown", "surprise"),
        ({**PAY, "payment_method": "pm_none"}, "resource_missing", "payment_method"),
    ],
)
def test_wrong_requests(side: Side, api: Any, given: Any, code: str, param: str) -> None:
    error = refused(side, act=lambda: api.payment_intents.create(given))
    assert (error.type, error.code, error.param) == ("invalid_request_error", code, param)


def test_what_is_not_there(side: Side, api: Any) -> None:
    error = failure(side, stripe.InvalidRequestError, 404, lambda: api.payment_intents.retrieve("pi_none"))
    assert (error.code, error.param) == ("resource_missing", "intent")


# Cancelling


def test_cancelling(side: Side, api: Any) -> None:
    intent = api.payment_intents.create(INTENT)
    ended = api.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert side.fits("payment_intent", ended).status == "canceled"
    assert ended.cancellation_reason == "abandoned"
    assert ended.canceled_at is not None
    for act in (
        lambda: api.payment_intents.cancel(intent.id),
        lambda: api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}),
    ):
        error = refused(side, act=act)
        assert (error.code, error.payment_intent.status) == ("payment_intent_unexpected_state", "canceled")


def test_what_was_paid_cannot_be_cancelled(side: Side, api: Any) -> None:
    intent = api.payment_intents.create(PAY)
    error = refused(side, act=lambda: api.payment_intents.cancel(intent.id))
    assert (error.code, error.payment_intent.status) == ("payment_intent_unexpected_state", "succeeded")


# Refunding


def test_refunding_all_of_it_once(side: Side, api: Any) -> None:
    intent = api.payment_intents.create(PAY)
    refund = side.fits("refund", api.refunds.create({"payment_intent": intent.id, "metadata": {"refund": "1"}}))
    assert (refund.status, refund.amount, refund.metadata["refund"]) == ("succeeded", 1999, "1")
    error = refused(side, act=lambda: api.refunds.create({"payment_intent": intent.id}))
    assert error.code == "charge_already_refunded"
    charge = side.fits("charge", api.charges.retrieve(intent.latest_charge))
    assert (charge.refunded, charge.amount_refunded) == (True, 1999)
    assert api.payment_intents.retrieve(intent.id).status == "succeeded"


def test_refunds_in_parts_stop_at_what_was_paid(side: Side, api: Any) -> None:
    intent = api.payment_intents.create(PAY)
    part = side.fits("refund", api.refunds.create({"payment_intent": intent.id, "amount": 999}))
    error = refused(side, act=lambda: api.refunds.create({"payment_intent": intent.id, "amount": 1001}))
    assert error.param == "amount"
    rest = side.fits("refund", api.refunds.create({"payment_intent": intent.id, "amount": 1000}))
    assert [one.id for one in api.refunds.list({"payment_intent": intent.id}).data] == [rest.id, part.id]
    assert api.charges.retrieve(intent.latest_charge).amount_refunded == 1999


# Idempotency keys


def test_a_key_repeats_its_first_answer(side: Side, api: Any) -> None:
    key = fresh_key()
    first, again = (api.payment_intents.create(PAY, key) for _ in "12")
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]


def test_a_key_repeats_a_decline(side: Side, api: Any) -> None:
    intent, key = api.payment_intents.create(INTENT), fresh_key()
    card = {"payment_method": "pm_card_visa_chargeDeclined"}
    first, again = (
        failure(side, stripe.CardError, 402, lambda: api.payment_intents.confirm(intent.id, card, key)) for _ in "12"
    )
    assert first.charge == again.charge
    assert len(api.charges.list({"payment_intent": intent.id}).data) == 1


def test_a_key_is_for_one_request(side: Side, api: Any) -> None:
    key = fresh_key()
    api.payment_intents.create(INTENT, key)
    error = failure(
        side, stripe.IdempotencyError, 400, lambda: api.payment_intents.create({**INTENT, "amount": 2000}, key)
    )
    assert error.type == "idempotency_error"


# Checkout


def session(api: Any, **given: Any) -> Any:
    price = {"currency": "usd", "product_data": {"name": "Front row"}, "unit_amount": 1999}
    return api.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"price_data": price, "quantity": 2}],
            "success_url": "https://example.com/thanks?id={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://example.com/back",
            "client_reference_id": "7",
            "metadata": {"order_id": "7"},
            "payment_intent_data": {"metadata": {"order_id": "7"}},
            **given,
        }
    )


def test_a_checkout_session_opens(side: Side, api: Any) -> None:
    made = side.fits("checkout.session", session(api, expires_at=int(time.time()) + 3600))
    assert (made.status, made.payment_status, made.amount_total) == ("open", "unpaid", 3998)
    assert (made.payment_intent, made.client_reference_id) == (None, "7")
    assert made.url.startswith("http")
    assert 3500 < made.expires_at - made.created <= 3700
    assert side.fits("checkout.session", api.checkout.sessions.retrieve(made.id)).id == made.id


def test_a_checkout_session_expires_once(side: Side, api: Any) -> None:
    made = session(api)
    ended = side.fits("checkout.session", api.checkout.sessions.expire(made.id))
    assert (ended.status, ended.payment_status, ended.url) == ("expired", "unpaid", None)
    assert 'status in ["open"]' in refused(side, act=lambda: api.checkout.sessions.expire(made.id)).message


@pytest.mark.parametrize("life_s", [29 * 60, 25 * 3600])
def test_a_checkout_session_lives_half_an_hour_to_a_day(side: Side, api: Any, life_s: int) -> None:
    error = refused(side, act=lambda: session(api, expires_at=int(time.time()) + life_s))
    assert error.param == "expires_at"


# Events


def test_events_tell_what_happened(side: Side, api: Any) -> None:
    intent = api.payment_intents.create(PAY)

    def told() -> Any:
        events = api.events.list({"type": "payment_intent.succeeded", "limit": 20}).data
        return next((one for one in events if one.data.object["id"] == intent.id), None)

    event = side.fits("event", wait_for("the event of a payment", told, 20, every_s=0.5))
    assert wrong("payment_intent", event.data.object.to_dict(), strict=side.strict) == []
    assert event.request.id == intent.last_response.headers["Request-Id"]
    assert side.fits("event", api.events.retrieve(event.id)).type == "payment_intent.succeeded"


def test_webhook_endpoints_of_the_sandbox_fit_too(side: Side, api: Any) -> None:
    if not side.strict:
        pytest.skip("Stripe takes no address on this machine")
    endpoint = side.fits(
        "webhook_endpoint",
        api.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["charge.failed"]}),
    )
    assert side.fits("webhook_endpoint", api.webhook_endpoints.retrieve(endpoint.id)).status == "enabled"
