"""An order: from a grant to a sale, or back on sale. While it is being paid nobody guesses: Stripe's answer decides."""

from collections import Counter

import pytest
from msgspec.structs import replace

from actors.contract import (
    ALREADY_PAID,
    NOT_THE_BUYER,
    NOT_THE_SELLER,
    ORDER_CANCELLED,
    ORDER_COMPLETE,
    ORDER_NOT_FOUND,
    ORDER_NOT_PAID,
    ORDERS,
    PAYMENT_IN_PROGRESS,
    CancelOrder,
    ExpirationComplete,
    Grant,
    NextAction,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    OrderReply,
    OrderSettled,
    PaymentActionRequired,
    PaymentCreated,
    PaymentFailed,
    PaymentMethod,
    PaymentRecord,
    PaymentRefund,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRequested,
    PaymentStop,
    PaymentStopped,
    PayOrder,
    RefundOrder,
    TicketUpdated,
    hold,
)
from actors.order import Order, OrderBehaviour

from .given import (
    ACKNOWLEDGED,
    BUYER,
    FIRST_TRY,
    HEARD_BY,
    NOON,
    ORDER,
    OTHER_TICKET,
    PRICE,
    SECOND_TRY,
    SELLER,
    STRANGER,
    TICKET,
    WINDOW,
    Gossip,
    becomes,
    cases,
    changes,
    check,
    check_purity,
    check_repeat,
    crossings,
    each,
    is_kept,
    is_not_understood,
    rule,
    sequences,
    some_id,
    stays,
    tag_of,
    ticket_record,
    walked,
)

OFFICE = OrderBehaviour(WINDOW)

# --- Given: the papers --------------------------------------------------------------------------------------------

SEAT = ticket_record(1)
VISA = PaymentMethod(token="tok_visa")
AT_THE_BANK = NextAction(kind="redirect_to_url", url="https://bank.example/3ds")


def granted(hold_number=1, ticket=SEAT):
    return TicketUpdated(ticket=ticket, grant=Grant(order_id=ORDER, user_id=BUYER, hold_number=hold_number))


def money(attempt, payment_id):
    return PaymentCreated(
        order_id=ORDER, attempt=attempt, payment_id=payment_id, stripe_id=f"pi_{attempt}", amount=PRICE
    )


def declined(attempt):
    return PaymentFailed(
        order_id=ORDER, attempt=attempt, code="insufficient_funds", reason="No funds", stripe_id=f"pi_{attempt}"
    )


def asks_the_buyer(attempt):
    return PaymentActionRequired(order_id=ORDER, attempt=attempt, stripe_id=f"pi_{attempt}", next_action=AT_THE_BANK)


def stopped(attempt):
    return PaymentStopped(order_id=ORDER, attempt=attempt)


def refunded(attempt):
    return PaymentRefunded(order_id=ORDER, attempt=attempt)


def refund_failed(attempt):
    return PaymentRefundFailed(order_id=ORDER, attempt=attempt, reason="The card is closed")


GRANT = granted()
CANCEL = CancelOrder(user_id=BUYER)
PAY = PayOrder(user_id=BUYER, payment_id=FIRST_TRY, method=VISA)
PAY_AGAIN = PayOrder(user_id=BUYER, payment_id=SECOND_TRY, method=VISA)
REFUND = RefundOrder(user_id=SELLER)
EXPIRED = ExpirationComplete(order_id=ORDER)

OVER = OrderCancelled(order_id=ORDER, hold_number=1, ticket_id=TICKET)
DONE = OrderCompleted(order_id=ORDER, hold_number=1, ticket_id=TICKET)


def refund_please(attempt):
    return PaymentRefund(order_id=ORDER, attempt=attempt)


def stop_please(attempt):
    return PaymentStop(order_id=ORDER, attempt=attempt)


def request(attempt, payment_id):
    return PaymentRequested(order_id=ORDER, attempt=attempt, payment_id=payment_id, amount=PRICE, method=VISA)


# --- Given: what an order knows of its money ----------------------------------------------------------------------

PROCESSING = PaymentRecord(status="processing", attempt=1, payment_id=FIRST_TRY, amount=PRICE)
ACTING = replace(PROCESSING, status="requires_action", stripe_id="pi_1", next_action=AT_THE_BANK)
FAILED = replace(PROCESSING, status="failed", stripe_id="pi_1", code="insufficient_funds", reason="No funds")
STOPPED = replace(PROCESSING, status="failed", code="stopped", reason="Stopped: the order ended before it was paid")
PROCESSING_2 = PaymentRecord(status="processing", attempt=2, payment_id=SECOND_TRY, amount=PRICE)
PAID = replace(PROCESSING, status="paid", stripe_id="pi_1")
PAID_2 = replace(PROCESSING_2, status="paid", stripe_id="pi_2")
GOING_BACK = replace(PAID, status="refunding", reason="Refunded by the seller")
KEPT = replace(PAID, reason="The card is closed")
WENT_BACK = replace(GOING_BACK, status="refunded")
TOO_LATE = replace(PAID, status="refunding", reason="The money came after the order had ended")
TOO_LATE_2 = replace(PAID_2, status="refunding", reason="The money came after the order had ended")

# --- Given: how an order can stand --------------------------------------------------------------------------------

UNKNOWN = Order(id=ORDER)
CREATED = Order(
    id=ORDER,
    version=0,
    user_id=BUYER,
    hold_number=1,
    ticket=SEAT,
    created_at=NOON,
    expires_at=NOON + WINDOW,
)
AWAITING = replace(CREATED, version=1, status="awaiting:payment", payment=PROCESSING, attempted=(FIRST_TRY,))
WITH_THE_BANK = replace(AWAITING, version=2, payment=ACTING)
STOPPING = replace(AWAITING, version=2, stopping="cancelled")
EXPIRING = replace(AWAITING, version=2, stopping="expired")
STOPPING_AT_THE_BANK = replace(WITH_THE_BANK, version=3, stopping="expired")
DECLINED = replace(CREATED, version=2, payment=FAILED, attempted=(FIRST_TRY,))
SECOND = replace(
    DECLINED, version=3, status="awaiting:payment", payment=PROCESSING_2, attempted=(FIRST_TRY, SECOND_TRY)
)
COMPLETE = replace(AWAITING, version=2, status="complete", payment=PAID)
REFUNDING = replace(COMPLETE, version=3, payment=GOING_BACK)
REFUND_FAILED = replace(COMPLETE, version=4, payment=KEPT)
REFUNDED = replace(COMPLETE, version=4, status="cancelled", payment=WENT_BACK)
CANCELLED = replace(CREATED, version=1, status="cancelled")
STOPPED_IN_TIME = replace(STOPPING, version=3, status="cancelled", stopping=None, payment=STOPPED)
SENDING_BACK = replace(STOPPED_IN_TIME, version=4, payment=TOO_LATE)
STUCK_MONEY = replace(SENDING_BACK, version=5, payment=replace(TOO_LATE, status="paid", reason="The card is closed"))
SENT_BACK = replace(SENDING_BACK, version=5, payment=replace(TOO_LATE, status="refunded"))
CANCELLED_TWICE = replace(CANCELLED, version=2, hold_number=2)

STATES = {
    "unknown": UNKNOWN,
    "created": CREATED,
    "awaiting": AWAITING,
    "with_the_bank": WITH_THE_BANK,  # the bank wants to see the buyer
    "stopping": STOPPING,  # the buyer cancelled while paying
    "expiring": EXPIRING,  # the window closed while paying
    "stopping_at_the_bank": STOPPING_AT_THE_BANK,
    "declined": DECLINED,  # created again, one attempt has failed
    "second": SECOND,  # the second attempt is under way
    "complete": COMPLETE,
    "refunding": REFUNDING,
    "refund_failed": REFUND_FAILED,  # complete, and says why the money could not go back
    "refunded": REFUNDED,
    "cancelled": CANCELLED,
    "stopped_in_time": STOPPED_IN_TIME,  # cancelled, its attempt ended without money
    "sending_back": SENDING_BACK,  # cancelled, and money came nevertheless
    "stuck_money": STUCK_MONEY,  # cancelled, and the money could not go back
    "sent_back": SENT_BACK,
    "cancelled_twice": CANCELLED_TWICE,  # a second hold was given back too
}

WAYS = {
    "created": [GRANT],
    "awaiting": [GRANT, PAY],
    "with_the_bank": [GRANT, PAY, asks_the_buyer(1)],
    "stopping": [GRANT, PAY, CANCEL],
    "expiring": [GRANT, PAY, EXPIRED],
    "stopping_at_the_bank": [GRANT, PAY, asks_the_buyer(1), EXPIRED],
    "declined": [GRANT, PAY, declined(1)],
    "second": [GRANT, PAY, declined(1), PAY_AGAIN],
    "complete": [GRANT, PAY, money(1, FIRST_TRY)],
    "refunding": [GRANT, PAY, money(1, FIRST_TRY), REFUND],
    "refund_failed": [GRANT, PAY, money(1, FIRST_TRY), REFUND, refund_failed(1)],
    "refunded": [GRANT, PAY, money(1, FIRST_TRY), REFUND, refunded(1)],
    "cancelled": [GRANT, CANCEL],
    "stopped_in_time": [GRANT, PAY, CANCEL, stopped(1)],
    "sending_back": [GRANT, PAY, CANCEL, stopped(1), money(1, FIRST_TRY)],
    "stuck_money": [GRANT, PAY, CANCEL, stopped(1), money(1, FIRST_TRY), refund_failed(1)],
    "sent_back": [GRANT, PAY, CANCEL, stopped(1), money(1, FIRST_TRY), refunded(1)],
    "cancelled_twice": [GRANT, CANCEL, granted(2)],
}

OPEN = ("created", "declined")
BEING_STOPPED = ("stopping", "expiring", "stopping_at_the_bank")
FIRST_ATTEMPT = ("awaiting", "with_the_bank", *BEING_STOPPED)
PAYING = (*FIRST_ATTEMPT, "second")
SOLD = ("complete", "refunding", "refund_failed")
GONE = ("refunded", "cancelled", "stopped_in_time", "sending_back", "stuck_money", "sent_back", "cancelled_twice")


def shown(state):
    """What a caller sees of an order."""
    return OrderReply(
        order_id=ORDER,
        status=state.status,
        user_id=BUYER,
        expires_at=NOON + WINDOW,
        version=state.version,
        ticket=SEAT,
        payment=state.payment,
    )


def is_shown(state):
    return stays(shown(state))(state)


def is_held_back(state):
    """No answer yet: Stripe has not spoken."""
    return hold(state)


def moves(*events, **fields):
    """The order changes and is shown as it then is."""

    def outcome(state):
        new = replace(state, version=state.version + 1, **fields)
        return becomes(new, shown(new), *events)(state)

    return outcome


def hears(*events, **fields):
    """The order changes by what it was told; nobody waits for a reply."""
    return changes(ACKNOWLEDGED, *events, **fields)


def is_over(**fields):
    return moves(OVER, status="cancelled", stopping=None, **fields)


def is_sold(payment):
    return hears(DONE, status="complete", stopping=None, payment=payment)


def sends_the_money_back(payment):
    """The order cannot use it, and has nothing else to show."""
    return hears(refund_please(payment.attempt), payment=payment)


NO_SUCH_ORDER = stays(ORDER_NOT_FOUND)

RULES = [
    # A grant brings the order into being.
    rule(
        "the ticket is granted to it",
        GRANT,
        otherwise=is_shown,
        unknown=becomes(
            CREATED,
            shown(CREATED),
            OrderCreated(order_id=ORDER, hold_number=1, ticket_id=TICKET, expires_at=NOON + WINDOW),
        ),
    ),
    rule(
        "the ticket is granted to it under a later hold",
        granted(2),
        otherwise=is_shown,
        unknown=becomes(
            replace(CREATED, hold_number=2),
            shown(CREATED),
            OrderCreated(order_id=ORDER, hold_number=2, ticket_id=TICKET, expires_at=NOON + WINDOW),
        ),
        **each(GONE[:-1], moves(replace(OVER, hold_number=2), hold_number=2)),
    ),
    rule(
        "another ticket is granted to it",
        granted(7, replace(SEAT, id=OTHER_TICKET)),
        otherwise=is_kept,  # it cannot happen; answered as cancelled, it would stop the live order's timer and payment
        unknown=becomes(
            replace(CREATED, hold_number=7, ticket=replace(SEAT, id=OTHER_TICKET)),
            replace(shown(CREATED), ticket=replace(SEAT, id=OTHER_TICKET)),
            OrderCreated(order_id=ORDER, hold_number=7, ticket_id=OTHER_TICKET, expires_at=NOON + WINDOW),
        ),
    ),
    # The buyer gives it back.
    rule(
        "its buyer cancels it",
        CANCEL,
        otherwise=is_shown,
        unknown=NO_SUCH_ORDER,
        **each(OPEN, is_over()),
        awaiting=moves(stop_please(1), stopping="cancelled"),
        with_the_bank=moves(stop_please(1), stopping="cancelled"),
        second=moves(stop_please(2), stopping="cancelled"),
        **each(SOLD, stays(ORDER_COMPLETE)),
    ),
    rule(
        "a stranger cancels it",
        CancelOrder(user_id=STRANGER),
        otherwise=stays(NOT_THE_BUYER),
        unknown=NO_SUCH_ORDER,
    ),
    rule(
        "its seller cancels it",
        CancelOrder(user_id=SELLER),
        otherwise=stays(NOT_THE_BUYER),
        unknown=NO_SUCH_ORDER,
    ),
    # The buyer pays: one attempt at a time, and a name for an attempt is good for one attempt.
    rule(
        "its buyer pays",
        PAY,
        otherwise=is_shown,
        unknown=NO_SUCH_ORDER,
        created=moves(request(1, FIRST_TRY), status="awaiting:payment", payment=PROCESSING, attempted=(FIRST_TRY,)),
        cancelled=stays(ORDER_CANCELLED),
        cancelled_twice=stays(ORDER_CANCELLED),
    ),
    rule(
        "its buyer pays under another name",
        PAY_AGAIN,
        unknown=NO_SUCH_ORDER,
        created=moves(
            request(1, SECOND_TRY),
            status="awaiting:payment",
            payment=replace(PROCESSING, payment_id=SECOND_TRY),
            attempted=(SECOND_TRY,),
        ),
        declined=moves(
            request(2, SECOND_TRY),
            status="awaiting:payment",
            payment=PROCESSING_2,
            attempted=(FIRST_TRY, SECOND_TRY),
        ),
        **each(FIRST_ATTEMPT, stays(PAYMENT_IN_PROGRESS)),
        second=is_shown,
        **each(SOLD, stays(ALREADY_PAID)),
        **each(GONE, stays(ORDER_CANCELLED)),
    ),
    rule(
        "a stranger pays",
        replace(PAY, user_id=STRANGER),
        otherwise=stays(NOT_THE_BUYER),
        unknown=NO_SUCH_ORDER,
    ),
    # Asking how it ended: answered when Stripe has spoken, or when the asker himself is waited for.
    rule(
        "somebody asks how it ended",
        OrderSettled(),
        otherwise=is_shown,
        unknown=NO_SUCH_ORDER,
        **each(PAYING, is_held_back),
    ),
    rule(
        "the payer of the first attempt asks how it ended",
        OrderSettled(payment_id=FIRST_TRY),
        otherwise=is_shown,
        unknown=NO_SUCH_ORDER,
        awaiting=is_held_back,
        with_the_bank=is_shown,
        **each(BEING_STOPPED, is_held_back),
        second=is_held_back,
    ),
    rule(
        "the payer of another attempt asks how it ended",
        OrderSettled(payment_id=SECOND_TRY),
        otherwise=is_shown,
        unknown=NO_SUCH_ORDER,
        **each(PAYING, is_held_back),
    ),
    # The window closes: obeyed, unless the money was faster.
    rule(
        "the payment window closes",
        EXPIRED,
        unknown=is_kept,
        **each(OPEN, is_over()),
        awaiting=moves(stop_please(1), stopping="expired"),
        with_the_bank=moves(stop_please(1), stopping="expired"),
        second=moves(stop_please(2), stopping="expired"),
        **each(BEING_STOPPED, is_shown),
    ),
    # Money: a sale wherever the order can still be paid, and otherwise it goes back.
    rule(
        "the first attempt's money is there",
        money(1, FIRST_TRY),
        unknown=is_kept,
        **each((*OPEN, *FIRST_ATTEMPT), is_sold(PAID)),
        second=hears(refund_please(1)),
        **each(("cancelled", "stopped_in_time", "stuck_money", "cancelled_twice"), sends_the_money_back(TOO_LATE)),
    ),
    rule(
        "the second attempt's money is there",
        money(2, SECOND_TRY),
        unknown=is_kept,
        **each((*OPEN, "second"), is_sold(PAID_2)),
        **each((*FIRST_ATTEMPT, *SOLD), hears(refund_please(2))),
        **each(GONE, sends_the_money_back(TOO_LATE_2)),
    ),
    # No money: back to created, or over if the order was to end.
    rule(
        "the first attempt is declined",
        declined(1),
        unknown=is_kept,
        awaiting=hears(status="created", payment=FAILED),
        with_the_bank=hears(status="created", payment=FAILED),
        **each(BEING_STOPPED, is_over(payment=FAILED)),
    ),
    rule(
        "the second attempt is declined",
        declined(2),
        unknown=is_kept,
        second=hears(status="created", payment=replace(FAILED, attempt=2, payment_id=SECOND_TRY, stripe_id="pi_2")),
    ),
    rule(
        "the first attempt is stopped",
        stopped(1),
        unknown=is_kept,
        awaiting=hears(status="created", payment=STOPPED),
        with_the_bank=hears(status="created", payment=replace(STOPPED, stripe_id="pi_1")),
        stopping=is_over(payment=STOPPED),
        expiring=is_over(payment=STOPPED),
        stopping_at_the_bank=is_over(payment=replace(STOPPED, stripe_id="pi_1")),
    ),
    rule(
        "the second attempt is stopped",
        stopped(2),
        unknown=is_kept,
        second=hears(status="created", payment=replace(STOPPED, attempt=2, payment_id=SECOND_TRY)),
    ),
    rule(
        "the bank wants to see the first attempt's buyer",
        asks_the_buyer(1),
        unknown=is_kept,
        **each(("awaiting", "stopping", "expiring"), hears(payment=ACTING)),
    ),
    rule(
        "the bank wants to see the second attempt's buyer",
        asks_the_buyer(2),
        unknown=is_kept,
        second=hears(payment=replace(ACTING, attempt=2, payment_id=SECOND_TRY, stripe_id="pi_2")),
    ),
    # The seller gives the money back: only when it is back the ticket is released.
    rule(
        "its seller refunds it",
        REFUND,
        otherwise=stays(ORDER_NOT_PAID),
        unknown=NO_SUCH_ORDER,
        complete=moves(refund_please(1), payment=GOING_BACK),
        refund_failed=moves(refund_please(1), payment=GOING_BACK),
        refunding=is_shown,
        sending_back=is_shown,
        stuck_money=moves(refund_please(1), payment=GOING_BACK),
    ),
    rule(
        "its buyer refunds it",
        RefundOrder(user_id=BUYER),
        otherwise=stays(NOT_THE_SELLER),
        unknown=NO_SUCH_ORDER,
    ),
    rule(
        "the first attempt's money is back",
        refunded(1),
        unknown=is_kept,
        complete=is_over(payment=replace(PAID, status="refunded")),
        refunding=is_over(payment=WENT_BACK),
        refund_failed=is_over(payment=replace(KEPT, status="refunded")),
        sending_back=hears(payment=replace(TOO_LATE, status="refunded")),
        stuck_money=hears(payment=replace(STUCK_MONEY.payment, status="refunded")),
    ),
    rule("the second attempt's money is back", refunded(2), unknown=is_kept),
    rule(
        "the first attempt's money cannot go back",
        refund_failed(1),
        unknown=is_kept,
        complete=hears(payment=KEPT),
        refunding=hears(payment=KEPT),
        sending_back=hears(payment=STUCK_MONEY.payment),
    ),
    rule("the second attempt's money cannot go back", refund_failed(2), unknown=is_kept),
    rule("gossip", Gossip(), otherwise=is_not_understood, unknown=NO_SUCH_ORDER),
]

SAYS_AGAIN = {(state, "the second attempt's money is there") for state in (*FIRST_ATTEMPT, *SOLD)} | {
    ("second", "the first attempt's money is there")
}
"""Money that an order has no place to write down: it asks for the refund as often as it hears of it."""


# --- Then ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "line", "outcome"), cases(STATES, RULES))
def test_the_rules_of_an_order(state, line, outcome):
    check(OFFICE, state, line, outcome)


@pytest.mark.parametrize(("state", "line"), crossings(STATES, RULES))
def test_saying_it_twice_is_saying_it_once(state, line):
    name = next(name for name, known in STATES.items() if known is state)
    check_repeat(OFFICE, state, line, says_again=(name, line.says) in SAYS_AGAIN)


def test_a_decision_depends_on_nothing_else():
    check_purity(OFFICE, STATES, RULES)


def test_every_message_an_order_can_get_has_a_rule():
    assert {tag_of(line.message) for line in RULES} - {tag_of(Gossip)} == HEARD_BY[ORDERS]


@pytest.mark.parametrize("name", WAYS)
def test_every_state_is_one_that_messages_lead_to(name):
    assert walked(OFFICE, UNKNOWN, *WAYS[name]) == STATES[name]


def test_no_state_is_left_out():
    assert {"unknown", *WAYS} == set(STATES)


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_an_order_never_looks_at_a_clock(state):
    assert OFFICE.due(state) is None


def test_the_window_is_fixed_when_the_order_is_created():
    late = NOON + 5 * WINDOW
    state = OFFICE.decide(UNKNOWN, GRANT, late).state
    assert state.expires_at == late + WINDOW
    assert walked(OFFICE, state, PAY, declined(1), PAY_AGAIN, at=late + WINDOW).expires_at == late + WINDOW


def test_a_decline_that_lands_after_the_window_closed_ends_in_cancelled():
    assert walked(OFFICE, UNKNOWN, GRANT, PAY, EXPIRED, declined(1)).status == "cancelled"


def test_money_that_lands_after_the_window_closed_is_a_sale():
    state = walked(OFFICE, UNKNOWN, GRANT, PAY, EXPIRED, money(1, FIRST_TRY))
    assert (state.status, state.stopping) == ("complete", None)


def test_a_decline_of_the_first_attempt_says_nothing_of_the_second():
    assert OFFICE.decide(SECOND, declined(1), NOON).state is SECOND


def test_money_is_back_although_an_old_failure_was_heard_again():
    again = walked(OFFICE, REFUND_FAILED, REFUND, refund_failed(1), refunded(1))
    assert (again.status, again.payment.status) == ("cancelled", "refunded")


def test_a_late_copy_of_an_older_declined_wish_starts_nothing():
    twice_declined = walked(OFFICE, SECOND, declined(2))
    assert OFFICE.decide(twice_declined, PAY, NOON).state is twice_declined


ANYTHING = [
    GRANT,
    granted(2),
    granted(3),
    CANCEL,
    EXPIRED,
    *(PayOrder(user_id=BUYER, payment_id=some_id(0xF0 + n), method=VISA) for n in range(1, 6)),
    REFUND,
    OrderSettled(),
    *(money(attempt, some_id(0xF0 + attempt)) for attempt in (1, 2, 3)),
    *(word(attempt) for word in (declined, stopped, asks_the_buyer, refunded, refund_failed) for attempt in (1, 2, 3)),
]
PAY_MORE = [message for message in ANYTHING if isinstance(message, PayOrder)]
LAST_WORDS = (PaymentCreated, PaymentFailed, PaymentStopped)


def test_whatever_comes_an_order_keeps_its_promises():
    for turns in sequences(OFFICE, ORDER, ANYTHING + PAY_MORE, opening=[GRANT]):
        said, requested = Counter(), []
        for turn in turns:
            before, after = turn.before, turn.after
            said.update(type(event) for event in turn.decision.events)
            requested += [event.attempt for event in turn.published(PaymentRequested)]
            if before.status == "cancelled":
                assert after.status == "cancelled", turn
                assert not turn.published(PaymentRequested), turn
            if before.status == "complete" != after.status:
                assert after.payment.status == "refunded", turn
                assert isinstance(turn.message, PaymentRefunded), turn
            if before.status == "awaiting:payment" != after.status:
                assert isinstance(turn.message, LAST_WORDS), turn
                assert turn.message.attempt == before.payment.attempt, turn
            if after.status == "awaiting:payment":
                assert after.payment.status in ("processing", "requires_action"), turn
            if after.status == "complete":
                assert after.payment.status in ("paid", "refunding"), turn
            assert not after.stopping or after.status == "awaiting:payment", turn
            assert after.hold_number >= before.hold_number, turn
        assert said[OrderCreated] == 1, turns[-1].seed
        assert said[OrderCompleted] <= 1, turns[-1].seed
        assert requested == list(range(1, len(requested) + 1)) or said[OrderCompleted], turns[-1].seed
        assert (said[OrderCancelled] > 0) == (turns[-1].after.status == "cancelled"), turns[-1].seed


def test_whatever_comes_every_hold_of_a_cancelled_order_was_given_back():
    for turns in sequences(OFFICE, ORDER, ANYTHING, opening=[GRANT]):
        given_back = {event.hold_number for turn in turns for event in turn.published(OrderCancelled)}
        last = turns[-1].after
        if last.status == "cancelled":
            assert last.hold_number in given_back, turns[-1].seed
