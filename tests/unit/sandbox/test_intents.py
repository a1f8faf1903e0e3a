"""The sandbox's pure rules: the intent's state machine, refunds, cards."""

import pytest

from cluster.sandbox import cards, intents, methods, refunds
from cluster.sandbox.errors import ApiError, CardError, RefusedError
from tests.unit.sandbox.given import NOW, attempt, confirmed, intent, method

STATUSES = (
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "requires_capture",
    "succeeded",
    "canceled",
)


def refusal(error: pytest.ExceptionInfo[ApiError]) -> str | None:
    return error.value.code


def test_a_good_card_pays_the_whole_amount() -> None:
    step = confirmed("visa")
    assert (step.intent["status"], step.intent["amount_received"], step.failure) == ("succeeded", 1000, None)
    assert step.charge is not None
    assert step.charge["amount_captured"] == 1000


def test_a_decline_goes_back_to_the_start_and_keeps_its_charge() -> None:
    step = confirmed("visa_chargeDeclinedInsufficientFunds")
    assert (step.intent["status"], step.intent["payment_method"]) == ("requires_payment_method", None)
    assert step.intent["last_payment_error"]["decline_code"] == "insufficient_funds"
    assert step.charge is not None
    assert (step.charge["status"], step.charge["paid"]) == ("failed", False)


def test_an_action_leaves_its_object_alone() -> None:
    before = intent()
    copy = dict(before)
    intents.cancel(before, None, None, NOW)
    assert before == copy


def test_authentication_comes_before_the_charge_and_may_still_end_in_a_decline() -> None:
    asked = confirmed("threeDSecureRequiredChargeDeclined")
    assert (asked.intent["status"], asked.charge) == ("requires_action", None)
    declined = intents.authenticate(
        asked.intent, method("threeDSecureRequiredChargeDeclined"), "ch_2", NOW, passed=True
    )
    assert declined.intent["status"] == "requires_payment_method"
    assert declined.failure is not None
    assert declined.failure["code"] == "card_declined"


def test_failed_authentication_makes_no_charge() -> None:
    asked = confirmed("threeDSecure2Required")
    failed = intents.authenticate(asked.intent, method("threeDSecure2Required"), "ch_2", NOW, passed=False)
    assert failed.charge is None
    assert failed.intent["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    assert failed.intent["latest_charge"] is None


def test_nobody_to_ask_is_a_decline() -> None:
    ready = intents.attach(intent(), "pm_1")
    step = intents.confirm(ready, method("threeDSecure2Required"), attempt(may_ask=False))
    assert step.failure is not None
    assert step.failure["code"] == "authentication_required"


@pytest.mark.parametrize("status", STATUSES)
def test_cancel_goes_by_status(status: str) -> None:
    now = {**intent(), "status": status}
    if status in ("succeeded", "canceled"):
        with pytest.raises(RefusedError, match=f"has a status of {status}") as error:
            intents.cancel(now, None, None, NOW)
        assert refusal(error) == "payment_intent_unexpected_state"
        assert error.value.details["payment_intent"] == now
    else:
        ended = intents.cancel(now, None, "abandoned", NOW).intent
        assert (ended["status"], ended["canceled_at"], ended["cancellation_reason"]) == (
            "canceled",
            NOW,
            "abandoned",
        )


@pytest.mark.parametrize("status", ["requires_capture", "succeeded", "canceled"])
def test_what_is_over_is_neither_confirmed_nor_given_another_card(status: str) -> None:
    now = {**intent(), "status": status, "payment_method": "pm_1"}
    for act in (lambda: intents.confirm(now, method(), attempt()), lambda: intents.attach(now, "pm_2")):
        with pytest.raises(RefusedError) as error:
            act()
        assert refusal(error) == "payment_intent_unexpected_state"


def test_redirecting_methods_need_a_way_back() -> None:
    ready = intents.attach(intent(allowed_payment_method_types=None), "pm_1")
    with pytest.raises(RefusedError, match="return_url"):
        intents.confirm(ready, method(), attempt())
    assert intents.confirm(ready, method(), attempt(return_url="https://shop.test")).intent["status"] == "succeeded"


def test_manual_capture_holds_takes_a_part_and_releases_the_rest() -> None:
    held = confirmed("visa", capture_method="manual")
    assert (held.intent["status"], held.intent["amount_capturable"]) == ("requires_capture", 1000)
    taken = intents.capture(held.intent, held.charge, 700)
    assert (taken.intent["status"], taken.intent["amount_received"]) == ("succeeded", 700)
    assert taken.charge is not None
    assert taken.charge["amount_refunded"] == 300


def test_capture_takes_no_more_than_is_held_and_only_once() -> None:
    held = confirmed("visa", capture_method="manual")
    with pytest.raises(RefusedError) as error:
        intents.capture(held.intent, held.charge, 1001)
    assert refusal(error) == "amount_too_large"
    taken = intents.capture(held.intent, held.charge, None)
    with pytest.raises(RefusedError) as error:
        intents.capture(taken.intent, taken.charge, None)
    assert refusal(error) == "payment_intent_unexpected_state"


def test_canceling_a_held_intent_releases_its_charge() -> None:
    held = confirmed("visa", capture_method="manual")
    ended = intents.cancel(held.intent, held.charge, None, NOW)
    assert ended.charge is not None
    assert (ended.charge["refunded"], ended.charge["amount_captured"]) == (True, 0)


@pytest.mark.parametrize(("amount", "code"), [(49, "amount_too_small"), (100_000_000, "amount_too_large")])
def test_amounts_have_limits(amount: int, code: str) -> None:
    with pytest.raises(RefusedError) as error:
        intent(amount=amount)
    assert refusal(error) == code


def test_refunds_add_up_to_the_charge_and_no_further() -> None:
    charge = confirmed("visa").charge
    assert charge is not None
    part = refunds.start("re_1", charge, NOW, {"amount": 400})
    assert (part.refund["status"], part.charge["amount_refunded"], part.charge["refunded"]) == (
        "succeeded",
        400,
        False,
    )
    with pytest.raises(RefusedError, match=r"\(\$6\.01\) is greater than unrefunded amount on charge \(\$6\.00\)"):
        refunds.start("re_2", part.charge, NOW, {"amount": 601})
    rest = refunds.start("re_2", part.charge, NOW, {})
    assert (rest.refund["amount"], rest.charge["refunded"]) == (600, True)
    with pytest.raises(RefusedError) as error:
        refunds.start("re_3", rest.charge, NOW, {})
    assert refusal(error) == "charge_already_refunded"


@pytest.mark.parametrize(
    ("name", "first", "status", "given_back"),
    [("refundFail", "succeeded", "failed", 0), ("pendingRefund", "pending", "succeeded", 1000)],
)
def test_how_some_refunds_end_shows_when_they_settle(name: str, first: str, status: str, given_back: int) -> None:
    charge = confirmed(name).charge
    assert charge is not None
    started = refunds.start("re_1", charge, NOW, {})
    assert (started.refund["status"], started.charge["amount_refunded"]) == (first, 1000)
    ended = refunds.settle(started.refund, started.charge)
    assert (ended.refund["status"], ended.charge["amount_refunded"]) == (status, given_back)
    assert ("failure_reason" in ended.refund) == (status == "failed")
    assert refunds.settle(ended.refund, ended.charge) == ended


@pytest.mark.parametrize("number", [card.number for card in cards.CARDS])
def test_every_test_number_is_a_valid_number_and_finds_its_card(number: str) -> None:
    assert methods.passes_luhn(number)
    card = cards.by_number(number)
    assert card is not None
    assert cards.by_fingerprint(card.fingerprint) is card


@pytest.mark.parametrize(
    ("number", "exp_year", "code"),
    [
        ("4242424242424241", 2090, "incorrect_number"),
        ("4012888888881881", 2090, "card_declined"),
        ("4242424242424242", 2001, "invalid_expiry_year"),
        ("x" * 16, 2090, "incorrect_number"),
    ],
)
def test_numbers_no_test_card_has_are_refused(number: str, exp_year: int, code: str) -> None:
    with pytest.raises(CardError) as error:
        methods.card_of({"number": number, "exp_month": 1, "exp_year": exp_year}, NOW, "card")
    assert refusal(error) == code
