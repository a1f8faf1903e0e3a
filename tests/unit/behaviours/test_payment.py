"""The money of one order: one attempt at a time, and Stripe's word is the only truth."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace

from actors.contract import (
    PAYMENTS,
    Checkout,
    CheckoutOpened,
    IntentCancelled,
    IntentDeclined,
    IntentNeedsAction,
    IntentOpened,
    IntentSucceeded,
    NextAction,
    OrderCancelled,
    PaymentActionRequired,
    PaymentCreated,
    PaymentFailed,
    PaymentMethod,
    PaymentRefund,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRequested,
    PaymentStop,
    PaymentStopped,
    RefundFailed,
    RefundSucceeded,
)
from actors.payment import PaymentBehaviour
from actors.payment_refunds import REFUND_PAUSE, REFUND_PAUSE_MAX, pause_before
from actors.payment_state import Attempt, Payment, has_money, is_live, step

from .given import (
    ACKNOWLEDGED,
    FIRST_TRY,
    HEARD_BY,
    NOON,
    NOTHING,
    ORDER,
    PRICE,
    SECOND_TRY,
    TICKET,
    Gossip,
    cases,
    changes,
    check,
    check_purity,
    check_repeat,
    crossings,
    each,
    is_not_understood,
    rule,
    sequences,
    some_id,
    tag_of,
    walked,
)

OFFICE = PaymentBehaviour()

# --- Given: the papers --------------------------------------------------------------------------------------------

VISA = PaymentMethod(payment_method="pm_card_visa")
FORGOTTEN = PaymentMethod()
PAGE = PaymentMethod(checkout=Checkout(success_url="https://box.example/paid", cancel_url="https://box.example/back"))
OPEN_PAGE = NextAction(kind="checkout", url="https://stripe.example/c/cs_1")
AT_THE_BANK = NextAction(kind="redirect_to_url", url="https://bank.example/3ds")
ORDER_CANCELLED = OrderCancelled(order_id=ORDER, hold_number=1, ticket_id=TICKET)
PAYMENT_IDS = {1: FIRST_TRY, 2: SECOND_TRY, 3: some_id(0xF3)}


def request(attempt, method=VISA):
    return PaymentRequested(
        order_id=ORDER,
        attempt=attempt,
        payment_id=PAYMENT_IDS[attempt],
        amount=PRICE,
        title="Front row",
        method=method,
    )


def stop(attempt):
    return PaymentStop(order_id=ORDER, attempt=attempt)


def refund(attempt):
    return PaymentRefund(order_id=ORDER, attempt=attempt)


def opened(attempt):
    return IntentOpened(attempt=attempt, stripe_id=f"pi_{attempt}")


def page_opened(attempt):
    return CheckoutOpened(attempt=attempt, stripe_id=f"cs_{attempt}", url=f"https://stripe.example/c/cs_{attempt}")


def succeeded(attempt):
    return IntentSucceeded(attempt=attempt, stripe_id=f"pi_{attempt}", amount=PRICE)


def declined(attempt):
    return IntentDeclined(attempt=attempt, code="insufficient_funds", reason="No funds")


def needs_action(attempt):
    return IntentNeedsAction(attempt=attempt, next_action=AT_THE_BANK)


def dead(attempt):
    return IntentCancelled(attempt=attempt)


def orphan_declined(attempt):
    return IntentDeclined(attempt=attempt, code="insufficient_funds", reason="No funds", stripe_id="pi_orphan")


def orphan_dead(attempt):
    return IntentCancelled(attempt=attempt, stripe_id="pi_orphan")


def back(attempt, nth=1):
    return RefundSucceeded(attempt=attempt, refund=nth)


BY_OTHERS = 0


def not_back(attempt, nth=1):
    return RefundFailed(attempt=attempt, refund=nth, reason="The card is closed")


# --- Given: what the order is told --------------------------------------------------------------------------------


def the_money_is_there(attempt):
    return PaymentCreated(
        order_id=ORDER,
        attempt=attempt,
        payment_id=PAYMENT_IDS[attempt],
        stripe_id=f"pi_{attempt}",
        amount=PRICE,
    )


def the_card_was_declined(attempt, stripe_id="pi_1"):
    return PaymentFailed(
        order_id=ORDER, attempt=attempt, code="insufficient_funds", reason="No funds", stripe_id=stripe_id
    )


def it_came_to_nothing(attempt, stripe_id="pi_1"):
    return PaymentFailed(
        order_id=ORDER,
        attempt=attempt,
        code="payment_not_completed",
        reason="The payment could not be completed; no money was taken",
        stripe_id=stripe_id,
    )


def another_is_under_way(attempt):
    return PaymentFailed(
        order_id=ORDER,
        attempt=attempt,
        code="payment_in_progress",
        reason="Another payment for this order is under way",
    )


THE_BANK_ASKS = PaymentActionRequired(order_id=ORDER, attempt=1, stripe_id="pi_1", next_action=AT_THE_BANK)
THE_PAGE_IS_OPEN = PaymentActionRequired(order_id=ORDER, attempt=1, stripe_id="cs_1", next_action=OPEN_PAGE)
THE_MONEY_IS_BACK = PaymentRefunded(order_id=ORDER, attempt=1)
THE_MONEY_STAYS = PaymentRefundFailed(order_id=ORDER, attempt=1, reason="The card is closed")


def stopped(attempt):
    return PaymentStopped(order_id=ORDER, attempt=attempt)


def never_taken(attempt):
    return PaymentRefundFailed(order_id=ORDER, attempt=attempt, reason="No such payment was taken")


# --- Given: how the money can stand -------------------------------------------------------------------------------

UNKNOWN = Payment(id=ORDER)
FIRST = Attempt(number=1, payment_id=FIRST_TRY, amount=PRICE, title="Front row", method=VISA, since=NOON)
NEXT = replace(FIRST, number=2, payment_id=SECOND_TRY)
BY_PAGE = replace(FIRST, method=PAGE)
ON_THE_PAGE = replace(BY_PAGE, phase="acting", stripe_id="cs_1")
WITH_ID = replace(FIRST, phase="confirming", stripe_id="pi_1")
PAID_ONCE = replace(WITH_ID, phase="succeeded")
NO_FUNDS = replace(WITH_ID, phase="cancelling", code="insufficient_funds", reason="No funds")

DECLINED = replace(NO_FUNDS, phase="failed")
PAST = replace(DECLINED, method=FORGOTTEN)


def at(version, attempt, status="open", **fields):
    return Payment(id=ORDER, version=version, status=status, attempt=attempt, **fields)


STATES = {
    "unknown": UNKNOWN,
    "closed": at(0, None, status="closed"),  # the end came before any request
    "stopped_early": at(0, None, status="unknown", stopped=1),  # the stop came before its request
    "opening": at(0, FIRST),
    "confirming": at(1, WITH_ID),
    "confirming_to_stop": at(2, replace(WITH_ID, stopping=True)),
    "acting": at(2, replace(WITH_ID, phase="acting")),
    "acting_to_stop": at(3, replace(WITH_ID, phase="acting", stopping=True)),
    "cancelling": at(2, NO_FUNDS),
    "cancelling_to_stop": at(3, replace(NO_FUNDS, stopping=True)),
    "succeeded": at(2, replace(WITH_ID, phase="succeeded")),
    "failed": at(3, DECLINED),
    "refused_by_stripe": at(1, replace(NO_FUNDS, phase="failed", stripe_id=None)),
    "stopped": at(3, replace(WITH_ID, phase="failed", stopping=True)),
    "stopped_while_opening": at(1, replace(FIRST, phase="failed", stopping=True)),
    "refunding": at(3, replace(WITH_ID, phase="refunding", refunds=1)),
    "refund_failed": at(4, replace(WITH_ID, phase="succeeded", refunds=1)),
    "refunding_again": at(5, replace(WITH_ID, phase="refunding", refunds=2, since=NOON + REFUND_PAUSE)),
    "refunded": at(4, replace(WITH_ID, phase="refunded", refunds=1)),
    "page_opening": at(0, BY_PAGE),
    "page_open": at(1, ON_THE_PAGE),
    "page_closing": at(2, replace(ON_THE_PAGE, stopping=True)),
    "page_paid": at(2, replace(ON_THE_PAGE, phase="succeeded", stripe_id="pi_1")),
    "page_abandoned": at(3, replace(ON_THE_PAGE, phase="failed", stopping=True)),
    "second_opening": at(4, NEXT, past=(PAST,)),
    "second_and_late_money": at(5, NEXT, past=(replace(PAST, phase="succeeded"),)),
    "second_and_refunding": at(6, NEXT, past=(replace(PAST, phase="refunding", refunds=1),)),
    "second_and_refunded": at(7, NEXT, past=(replace(PAST, phase="refunded", refunds=1),)),
    "second_refused_for_money": at(5, replace(DECLINED, phase="succeeded"), stopped=2),
    "second_refused": at(2, WITH_ID, stopped=2),  # a second was asked for while the first was live
    "closed_while_opening": at(1, replace(FIRST, stopping=True), status="closed"),
    "closed_while_confirming": at(2, replace(WITH_ID, stopping=True), status="closed"),
    "closed_and_refunded": at(5, replace(WITH_ID, phase="refunded", refunds=1), status="closed"),
}

PAID = [request(1), opened(1), succeeded(1)]
SECOND = [request(1), opened(1), declined(1), dead(1), request(2)]
WAYS = {
    "closed": [ORDER_CANCELLED],
    "stopped_early": [stop(1)],
    "opening": [request(1)],
    "confirming": [request(1), opened(1)],
    "confirming_to_stop": [request(1), opened(1), stop(1)],
    "acting": [request(1), opened(1), needs_action(1)],
    "acting_to_stop": [request(1), opened(1), needs_action(1), stop(1)],
    "cancelling": [request(1), opened(1), declined(1)],
    "cancelling_to_stop": [request(1), opened(1), declined(1), stop(1)],
    "succeeded": PAID,
    "failed": [request(1), opened(1), declined(1), dead(1)],
    "refused_by_stripe": [request(1), declined(1)],
    "stopped": [request(1), opened(1), stop(1), dead(1)],
    "stopped_while_opening": [request(1), stop(1)],
    "refunding": [*PAID, refund(1)],
    "refund_failed": [*PAID, refund(1), not_back(1)],
    "refunding_again": [*PAID, refund(1), not_back(1), refund(1)],
    "refunded": [*PAID, refund(1), back(1)],
    "page_opening": [request(1, PAGE)],
    "page_open": [request(1, PAGE), page_opened(1)],
    "page_closing": [request(1, PAGE), page_opened(1), stop(1)],
    "page_paid": [request(1, PAGE), page_opened(1), succeeded(1)],
    "page_abandoned": [request(1, PAGE), page_opened(1), stop(1), dead(1)],
    "second_opening": SECOND,
    "second_and_late_money": [*SECOND, succeeded(1)],
    "second_and_refunding": [*SECOND, succeeded(1), refund(1)],
    "second_and_refunded": [*SECOND, succeeded(1), refund(1), back(1)],
    "second_refused_for_money": [request(1), opened(1), declined(1), dead(1), succeeded(1), request(2)],
    "second_refused": [request(1), opened(1), request(2)],
    "closed_while_opening": [request(1), ORDER_CANCELLED],
    "closed_while_confirming": [request(1), opened(1), ORDER_CANCELLED],
    "closed_and_refunded": [*PAID, refund(1), back(1), ORDER_CANCELLED],
}

CLOSED = ("closed", "closed_while_opening", "closed_while_confirming", "closed_and_refunded")
NO_ATTEMPT = ("unknown", "closed", "stopped_early")
OPENING = ("opening", "closed_while_opening", "page_opening")
CONFIRMING = ("confirming", "confirming_to_stop", "second_refused", "closed_while_confirming")
ACTING = ("acting", "acting_to_stop")
PAGES = ("page_open", "page_closing")
CANCELLING = ("cancelling", "cancelling_to_stop")
FIRST_LIVE = (*OPENING, *CONFIRMING, *ACTING, *PAGES, *CANCELLING)
SUCCEEDED = ("succeeded", "refund_failed", "page_paid", "second_refused_for_money")
REFUNDING = ("refunding", "refunding_again")
REFUNDED = ("refunded", "second_and_refunded", "closed_and_refunded")
FAILED = ("failed", "refused_by_stripe", "stopped", "stopped_while_opening", "page_abandoned")
SECONDS = ("second_opening", "second_and_late_money", "second_and_refunding", "second_and_refunded")


def without(names, *others):
    return tuple(name for name in names if name not in others)


def says(*events, **fields):
    return changes(ACKNOWLEDGED, *events, **fields)


def the_attempt(*events, number=1, **fields):
    """This attempt changes, be it the newest or a past one."""

    def outcome(state):
        if state.attempt.number == number:
            return says(*events, attempt=replace(state.attempt, **fields))(state)
        (earlier,) = state.past
        assert earlier.number == number
        return says(*events, past=(replace(earlier, **fields),))(state)

    return outcome


def begins(attempt):
    """A new attempt; what went before is past, and not forgotten."""

    def outcome(state):
        past = (replace(state.attempt, method=FORGOTTEN), *state.past) if state.attempt else ()
        return says(status="open", attempt=attempt, past=past)(state)

    return outcome


def closes(state):
    """No payment any more: what is live is to end."""
    attempt = state.attempt
    if is_live(state):
        attempt = replace(attempt, stopping=True)
    return says(status="closed", attempt=attempt)(state)


IS_STOPPED = the_attempt(stopping=True)

RULES = [
    # The order is over. Of its beginning nobody tells: its first request brings the payment into being.
    rule("the order is over", ORDER_CANCELLED, otherwise=closes, **each(CLOSED, NOTHING)),
    # A request starts an attempt, unless it was stopped before, another may still take money, or it is paid already.
    rule(
        "the first attempt is requested",
        request(1),
        unknown=begins(FIRST),
        **each(("closed", "stopped_early"), says(stopped(1))),
    ),
    rule(
        "the first attempt is requested, by page",
        request(1, PAGE),
        unknown=begins(BY_PAGE),
        **each(("closed", "stopped_early"), says(stopped(1))),
    ),
    rule(
        "the second attempt is requested",
        request(2),
        otherwise=begins(NEXT),
        **each(SECONDS, NOTHING),
        **each(("second_refused", "second_refused_for_money"), says(stopped(2))),
        **each(
            without((*FIRST_LIVE, *SUCCEEDED, *REFUNDING), "second_refused", "second_refused_for_money", *CLOSED),
            says(another_is_under_way(2), stopped=2),
        ),
        **each(CLOSED, says(stopped(2))),
    ),
    # A stop ends what can still be ended, and is remembered where its request was not heard of yet.
    rule(
        "the first attempt is to stop",
        stop(1),
        **each(("unknown", "closed"), says(stopped=1)),
        **each(("opening", "page_opening"), the_attempt(stopped(1), phase="failed", stopping=True)),
        **each(("confirming", "second_refused", "acting", "cancelling", "page_open"), IS_STOPPED),
    ),
    rule(
        "the second attempt is to stop",
        stop(2),
        otherwise=says(stopped=2),
        **each(("second_refused", "second_refused_for_money"), NOTHING),
        **each(SECONDS, the_attempt(stopped(2), number=2, phase="failed", stopping=True)),
    ),
    # A refund gives back what the attempt took, also when another has followed it.
    rule(
        "the first attempt is to be refunded",
        refund(1),
        **each(NO_ATTEMPT, says(never_taken(1))),
        **each(without(SUCCEEDED, "refund_failed"), the_attempt(phase="refunding", refunds=1)),
        refund_failed=the_attempt(phase="refunding", refunds=2, since=NOON + REFUND_PAUSE),
        second_and_late_money=the_attempt(phase="refunding", refunds=1),
        **each(REFUNDED, says(THE_MONEY_IS_BACK)),
    ),
    rule(
        "the second attempt is to be refunded",
        refund(2),
        otherwise=says(never_taken(2)),
        **each(SECONDS, NOTHING),
    ),
    # What Stripe says of an attempt.
    rule(
        "Stripe has opened the first intent",
        opened(1),
        **each(OPENING, the_attempt(phase="confirming", stripe_id="pi_1")),
    ),
    rule(
        "Stripe has opened the second intent",
        opened(2),
        **each(SECONDS, the_attempt(number=2, phase="confirming", stripe_id="pi_2")),
    ),
    rule(
        "Stripe has opened the first page",
        page_opened(1),
        **each(OPENING, the_attempt(THE_PAGE_IS_OPEN, phase="acting", stripe_id="cs_1")),
    ),
    rule(
        "Stripe has opened the second page",
        page_opened(2),
        **each(
            SECONDS,
            the_attempt(
                replace(
                    THE_PAGE_IS_OPEN,
                    attempt=2,
                    stripe_id="cs_2",
                    next_action=replace(OPEN_PAGE, url="https://stripe.example/c/cs_2"),
                ),
                number=2,
                phase="acting",
                stripe_id="cs_2",
            ),
        ),
    ),
    rule(
        "Stripe has the first attempt's money",
        succeeded(1),
        # However late: what had failed, too.
        **each(
            (*FIRST_LIVE, *FAILED, "second_opening"),
            the_attempt(the_money_is_there(1), phase="succeeded", stripe_id="pi_1"),
        ),
    ),
    rule(
        "Stripe has the second attempt's money",
        succeeded(2),
        **each(SECONDS, the_attempt(the_money_is_there(2), number=2, phase="succeeded", stripe_id="pi_2")),
    ),
    rule(
        "Stripe has more or less of the first attempt's money than was asked",
        replace(succeeded(1), amount=PRICE - 1),
        **each(
            (*FIRST_LIVE, *FAILED, "second_opening"),
            the_attempt(
                replace(the_money_is_there(1), amount=PRICE - 1),
                phase="succeeded",
                stripe_id="pi_1",
                amount=PRICE - 1,
            ),
        ),
    ),
    rule(
        "the first attempt's bank asks for the buyer",
        needs_action(1),
        **each(CONFIRMING, the_attempt(THE_BANK_ASKS, phase="acting")),
    ),
    rule("the second attempt's bank asks for the buyer", needs_action(2)),
    rule(
        "the first attempt's card is declined",
        declined(1),
        **each(
            OPENING,
            the_attempt(
                the_card_was_declined(1, stripe_id=None),
                phase="failed",
                code="insufficient_funds",
                reason="No funds",
            ),
        ),
        **each(
            (*CONFIRMING, *ACTING, *PAGES),
            the_attempt(phase="cancelling", code="insufficient_funds", reason="No funds"),
        ),
    ),
    rule(
        "a card is declined on the first page",
        replace(declined(1), stripe_id="pi_1"),  # the page, `cs_1`, stays open for another card
        **each(
            (*CONFIRMING, *ACTING),
            the_attempt(phase="cancelling", code="insufficient_funds", reason="No funds"),
        ),
    ),
    rule("an orphan of the first attempt is declined", orphan_declined(1)),
    rule("an orphan of the second attempt is declined", orphan_declined(2)),
    rule(
        "the second attempt's card is declined",
        declined(2),
        **each(
            SECONDS,
            the_attempt(
                the_card_was_declined(2, stripe_id=None),
                number=2,
                phase="failed",
                code="insufficient_funds",
                reason="No funds",
            ),
        ),
    ),
    rule(
        "the first intent or page is dead",
        dead(1),
        **each(("opening", "page_opening"), the_attempt(it_came_to_nothing(1, stripe_id=None), phase="failed")),
        closed_while_opening=the_attempt(stopped(1), phase="failed"),
        **each(("confirming", "second_refused", "acting"), the_attempt(it_came_to_nothing(1), phase="failed")),
        page_open=the_attempt(it_came_to_nothing(1, stripe_id="cs_1"), phase="failed"),
        **each(
            ("confirming_to_stop", "acting_to_stop", "closed_while_confirming", "page_closing"),
            the_attempt(stopped(1), phase="failed"),
        ),
        **each(CANCELLING, the_attempt(the_card_was_declined(1), phase="failed")),
    ),
    rule("an orphan of the first attempt is dead", orphan_dead(1)),
    rule("an orphan of the second attempt is dead", orphan_dead(2)),
    rule(
        "the second intent is dead",
        dead(2),
        **each(SECONDS, the_attempt(it_came_to_nothing(2, stripe_id=None), number=2, phase="failed")),
    ),
    rule(
        "the first attempt's money is back",
        back(1),
        **each(("refunding", "second_and_refunding"), the_attempt(THE_MONEY_IS_BACK, phase="refunded", since=NOON)),
    ),
    rule(
        "the first attempt's money is back, at the second try",
        back(1, nth=2),
        refunding_again=the_attempt(THE_MONEY_IS_BACK, phase="refunded", since=NOON),
    ),
    rule(
        "others have given the first attempt's money back",
        back(1, nth=BY_OTHERS),
        **each(
            (*REFUNDING, *SUCCEEDED, "second_and_late_money", "second_and_refunding"),
            the_attempt(THE_MONEY_IS_BACK, phase="refunded", since=NOON),
        ),
    ),
    rule("the second attempt's money is back", back(2)),
    rule(
        "the first attempt's money cannot go back",
        not_back(1),
        **each(("refunding", "second_and_refunding"), the_attempt(THE_MONEY_STAYS, phase="succeeded")),
        # It may fail days after it had succeeded.
        **each(REFUNDED, the_attempt(THE_MONEY_STAYS, phase="succeeded", since=NOON)),
    ),
    rule(
        "what others gave back of the first attempt has come back",
        not_back(1, nth=BY_OTHERS),
        **each(REFUNDED, the_attempt(THE_MONEY_STAYS, phase="succeeded", since=NOON)),
    ),
    rule(
        "the first attempt's money cannot go back, at the second try",
        not_back(1, nth=2),
        **each(REFUNDED, the_attempt(THE_MONEY_STAYS, phase="succeeded", since=NOON)),
        refunding_again=the_attempt(THE_MONEY_STAYS, phase="succeeded", since=NOON),
    ),
    rule("the second attempt's money cannot go back", not_back(2)),
    rule("gossip", Gossip(), otherwise=is_not_understood),
]

SAYS_AGAIN = (PaymentRequested, PaymentRefund)
"""A request that is refused, and a refund of what was never taken, get their answer as often as they come."""


# --- Then ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "line", "outcome"), cases(STATES, RULES))
def test_the_rules_of_the_money(state, line, outcome):
    check(OFFICE, state, line, outcome)


@pytest.mark.parametrize(("state", "line"), crossings(STATES, RULES))
def test_saying_it_twice_is_saying_it_once(state, line):
    refusals = [] if line.message == Gossip() else OFFICE.decide(state, line.message, NOON).events
    if isinstance(line.message, SAYS_AGAIN) and refusals:
        again = OFFICE.decide(walked(OFFICE, state, line.message), line.message, NOON)
        assert [type(event) for event in again.events] in ([type(event) for event in refusals], [PaymentStopped])
        assert again.state.attempt == state.attempt
    else:
        check_repeat(OFFICE, state, line)


def test_a_decision_depends_on_nothing_else():
    check_purity(OFFICE, STATES, RULES)


def test_every_message_a_payment_can_get_has_a_rule():
    assert {tag_of(line.message) for line in RULES} - {tag_of(Gossip)} == HEARD_BY[PAYMENTS]


@pytest.mark.parametrize("name", WAYS)
def test_every_state_is_one_that_messages_lead_to(name):
    assert walked(OFFICE, UNKNOWN, *WAYS[name]) == STATES[name]


def test_no_state_is_left_out():
    assert {"unknown", *WAYS} == set(STATES)


NEXT_STEPS = {
    **dict.fromkeys((*NO_ATTEMPT, *FAILED, *SUCCEEDED, "refunded", "closed_and_refunded"), None),
    **dict.fromkeys((*OPENING, *SECONDS), "open"),
    **dict.fromkeys(("confirming", "second_refused"), "confirm"),
    **dict.fromkeys(("acting", "page_open"), "watch"),
    **dict.fromkeys(("confirming_to_stop", "acting_to_stop", "closed_while_confirming", *CANCELLING), "cancel"),
    "page_closing": "cancel",
    **dict.fromkeys(REFUNDING, "refund"),
}
DUE = {"refunding_again": NOON + REFUND_PAUSE}


@pytest.mark.parametrize("name", STATES)
def test_what_is_to_be_done_at_stripe_is_due_as_long_as_it_is_not_done(name):
    assert step(STATES[name]) == NEXT_STEPS[name]
    assert OFFICE.due(STATES[name]) == (DUE.get(name, NOON) if NEXT_STEPS[name] else None)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("opening", opened(1)),
        ("page_opening", page_opened(1)),
        ("confirming", succeeded(1)),
        ("confirming", needs_action(1)),
        ("confirming", declined(1)),
        ("cancelling", dead(1)),
        ("succeeded", refund(1)),
        ("refunding", back(1)),
        ("refunding", not_back(1)),
    ],
)
def test_a_new_phase_begins_now(name, answer):
    later = NOON + timedelta(seconds=7)
    assert OFFICE.decide(STATES[name], answer, later).state.attempt.since == later


@pytest.mark.parametrize("name", without(FIRST_LIVE, *OPENING))
def test_a_stop_that_crosses_the_money_loses_to_it(name):
    stopping = walked(OFFICE, STATES[name], stop(1))
    assert OFFICE.decide(stopping, succeeded(1), NOON).events == (the_money_is_there(1),)


@pytest.mark.parametrize("name", without(FIRST_LIVE, *OPENING))
def test_late_money_is_there_after_everything_had_ended(name):
    ended = walked(OFFICE, STATES[name], stop(1), dead(1), ORDER_CANCELLED)
    assert (ended.status, ended.attempt.phase) == ("closed", "failed")
    assert OFFICE.decide(ended, succeeded(1), NOON).events == (the_money_is_there(1),)


def test_a_payment_that_was_stored_before_its_first_request_takes_it():
    """Payments used to be told of every order; what was stored then is still there."""
    waiting = Payment(id=ORDER, version=0, status="open")
    assert walked(OFFICE, waiting, request(1)) == replace(STATES["opening"], version=1)
    assert walked(OFFICE, waiting, ORDER_CANCELLED) == replace(STATES["closed"], version=1)


def test_late_money_that_crosses_the_next_request_keeps_the_next_from_starting():
    assert has_money(STATES["second_refused_for_money"])
    assert STATES["second_refused_for_money"].attempt.number == 1
    assert OFFICE.decide(STATES["second_refused_for_money"], request(3), NOON).events == (another_is_under_way(3),)
    refunded = walked(OFFICE, STATES["second_refused_for_money"], refund(1), back(1))
    assert walked(OFFICE, refunded, request(3)).attempt.number == 3


def test_what_ends_by_itself_is_not_kept_waiting_by_a_refund():
    """A refund may be pending for days; nobody's payment waits for it, and nobody's cancellation."""
    later = NOON + timedelta(minutes=1)
    state = walked(OFFICE, STATES["second_and_refunding"], opened(2), at=later)
    assert state.working().number == 2
    watching = walked(OFFICE, state, needs_action(2), at=later)
    assert (watching.working().number, step(watching)) == (2, "watch"), "he may pay for minutes, banks take days"
    assert walked(OFFICE, watching, stop(2), at=later).working().number == 2


def test_a_refund_that_waits_for_its_time_does_not_keep_another_waiting():
    twice_paid = walked(OFFICE, STATES["second_and_late_money"], opened(2), succeeded(2))
    state = walked(OFFICE, twice_paid, refund(2), not_back(2), refund(2), refund(1))
    assert OFFICE.due(state) == NOON
    assert (state.working().number, step(state)) == (1, "refund")
    assert OFFICE.due(walked(OFFICE, state, back(1))) == NOON + REFUND_PAUSE


def test_a_refund_that_fails_is_tried_again_after_ever_longer_pauses():
    pauses = [pause_before(number) for number in range(1, 40)]
    assert pauses[:4] == [timedelta(0), REFUND_PAUSE, 2 * REFUND_PAUSE, 4 * REFUND_PAUSE]
    assert pauses == sorted(pauses)
    assert pauses[-1] == REFUND_PAUSE_MAX


@pytest.mark.parametrize("name", without(FIRST_LIVE, *OPENING))
def test_a_stop_that_crosses_a_decline_ends_without_money(name):
    ended = walked(OFFICE, STATES[name], stop(1), declined(1), dead(1))
    assert ended.attempt.phase == "failed"
    assert step(ended) is None


def test_an_intent_whose_id_comes_after_its_attempt_was_stopped_is_never_confirmed():
    ended = STATES["stopped_while_opening"]
    assert OFFICE.decide(ended, opened(1), NOON).state is ended


def test_a_late_copy_of_a_failed_refund_does_not_end_the_next_one():
    failure = not_back(1)
    second = walked(OFFICE, STATES["refunding"], failure, refund(1))
    assert OFFICE.decide(second, failure, NOON).state is second


def test_a_second_attempt_refused_once_never_starts():
    freed = walked(OFFICE, STATES["second_refused"], declined(1), dead(1))
    assert OFFICE.decide(freed, request(2), NOON).events == (stopped(2),)
    assert walked(OFFICE, freed, request(2)).attempt == freed.attempt


def test_a_third_attempt_may_follow_a_second_that_was_refused():
    freed = walked(OFFICE, STATES["second_refused"], declined(1), dead(1))
    assert walked(OFFICE, freed, request(3)).attempt.number == 3


ANYTHING = [
    ORDER_CANCELLED,
    *(
        word(attempt)
        for word in (
            *(request, stop, refund, opened, page_opened, succeeded, declined, needs_action, dead, back, not_back),
            *(orphan_declined, orphan_dead, partial(back, nth=BY_OTHERS), partial(not_back, nth=BY_OTHERS)),
        )
        for attempt in (1, 2, 3)
    ),
]


def phase_of(state, number):
    attempt = state.find(number)
    return attempt.phase if attempt else None


HAPPENS_MOST = [request(1), opened(1), succeeded(1), declined(1), dead(1), request(2), opened(2), refund(1)] * 2
ENDS = (PaymentCreated, PaymentFailed, PaymentStopped)


def test_whatever_comes_no_money_is_taken_twice_and_none_is_lost():
    for turns in sequences(OFFICE, ORDER, ANYTHING + HAPPENS_MOST, length=40):
        taken, given_back, come_back = Counter(), Counter(), Counter()
        for turn in turns:
            before, after = turn.before, turn.after
            taken.update(event.attempt for event in turn.published(PaymentCreated))
            for number in (1, 2, 3):
                was, phase = phase_of(before, number), phase_of(after, number)
                given_back[number] += phase == "refunded" != was
                come_back[number] += was == "refunded" != phase
            if before.attempt and before.attempt.number != after.attempt.number:
                assert not is_live(before), turn
                assert before.attempt.number < after.attempt.number, turn
                assert isinstance(turn.message, PaymentRequested), turn
            if after.attempt and not is_live(after) and is_live(before):
                assert len(turn.decision.events) == 1, turn
                assert isinstance(turn.decision.events[0], ENDS), turn
            if is_live(after) and not is_live(before):
                assert before.status != "closed", turn
                assert after.attempt.number > before.stopped, turn
            assert before.status != "closed" or after.status == "closed", turn
            assert after.stopped >= before.stopped, turn
            for attempt in (after.attempt, *after.past):
                if attempt and attempt.phase in ("succeeded", "refunding", "refunded"):
                    assert taken[attempt.number] == 1, turn
        assert all(count == 1 for count in taken.values()), turns[-1].seed
        assert all(given_back[number] - come_back[number] in (0, taken[number]) for number in given_back), turns[
            -1
        ].seed


def test_whatever_comes_the_money_of_an_attempt_is_its_last_word():
    """Money may come after an attempt had failed; no failure is told of money that is there."""
    for turns in sequences(OFFICE, ORDER, ANYTHING + HAPPENS_MOST, length=40):
        ends = {}
        for turn in turns:
            for event in turn.decision.events:
                if isinstance(event, ENDS):
                    ends.setdefault(event.attempt, []).append(event)
        for attempt, said in ends.items():
            money = [isinstance(event, PaymentCreated) for event in said]
            assert not any(money[:-1]), (turns[-1].seed, attempt, said)


def test_whatever_comes_no_attempt_is_forgotten_and_only_one_may_take_money():
    for turns in sequences(OFFICE, ORDER, ANYTHING + HAPPENS_MOST, length=40):
        for turn in turns:
            before, after = turn.before, turn.after
            known = [attempt.number for attempt in (after.attempt, *after.past) if attempt]
            assert known == sorted(set(known), reverse=True), turn
            assert {each.number for each in (before.attempt, *before.past) if each} <= set(known), turn
            assert not any(is_live(replace(after, attempt=earlier)) for earlier in after.past), turn
            if before.attempt and after.attempt != before.attempt and after.attempt.number != before.attempt.number:
                assert not has_money(before), turn
