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
    TOO_MANY_PAYMENTS,
    CancelOrder,
    Checkout,
    ClaimTicket,
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
    TicketClaimed,
    TicketClaimRefused,
    TicketUpdated,
    hold,
)
from actors.order import Order, OrderBehaviour
from actors.order_money import ATTEMPTS_MAX, NOT_ARRIVED

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
PAGE = PaymentMethod(checkout=Checkout(success_url="https://box.example/paid", cancel_url="https://box.example/back"))
OPEN_PAGE = NextAction(kind="checkout", url="https://stripe.example/c/cs_1")
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


def opens_the_page(attempt):
    return PaymentActionRequired(order_id=ORDER, attempt=attempt, stripe_id=f"cs_{attempt}", next_action=OPEN_PAGE)


def claimed(hold_number):
    return TicketClaimed(order_id=ORDER, hold_number=hold_number)


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
PAY_BY_PAGE = PayOrder(user_id=BUYER, payment_id=FIRST_TRY, method=PAGE)
PAY_BY_PAGE_AGAIN = PayOrder(user_id=BUYER, payment_id=SECOND_TRY, method=PAGE)
CLAIM_REFUSED = TicketClaimRefused(order_id=ORDER)
REFUND = RefundOrder(user_id=SELLER)
EXPIRED = ExpirationComplete(order_id=ORDER)

OVER = OrderCancelled(order_id=ORDER, hold_number=1, ticket_id=TICKET, attempted=True)
OVER_UNTRIED = replace(OVER, attempted=False)  # nobody ever tried to pay: payments need not hear of it
TIMED_OUT = replace(OVER, rang=True)  # the timer said so: it need not hear of it
TIMED_OUT_UNTRIED = replace(OVER_UNTRIED, rang=True)
DONE = OrderCompleted(order_id=ORDER, hold_number=1, ticket_id=TICKET)
CLAIM = ClaimTicket(order_id=ORDER, ticket_id=TICKET, user_id=BUYER, price=PRICE)


def refund_please(attempt):
    return PaymentRefund(order_id=ORDER, attempt=attempt)


def stop_please(attempt):
    return PaymentStop(order_id=ORDER, attempt=attempt)


def request(attempt, payment_id, method=VISA):
    return PaymentRequested(
        order_id=ORDER, attempt=attempt, payment_id=payment_id, amount=PRICE, title="Front row", method=method
    )


# --- Given: what an order knows of its money ----------------------------------------------------------------------

PROCESSING = PaymentRecord(status="processing", attempt=1, payment_id=FIRST_TRY, amount=PRICE)
ACTING = replace(PROCESSING, status="requires_action", stripe_id="pi_1", next_action=AT_THE_BANK)
ON_THE_PAGE_NOW = replace(PROCESSING, status="requires_action", stripe_id="cs_1", next_action=OPEN_PAGE)
FAILED = replace(PROCESSING, status="failed", stripe_id="pi_1", code="insufficient_funds", reason="No funds")
STOPPED = replace(PROCESSING, status="failed", code="stopped", reason="Stopped: the order ended before it was paid")
PROCESSING_2 = PaymentRecord(status="processing", attempt=2, payment_id=SECOND_TRY, amount=PRICE)
PAID = replace(PROCESSING, status="paid", stripe_id="pi_1")
PAID_2 = replace(PROCESSING_2, status="paid", stripe_id="pi_2")
GOING_BACK = replace(PAID, status="refunding", reason="Refunded by the seller")
KEPT = replace(PAID, reason="The card is closed")
WENT_BACK = replace(GOING_BACK, status="refunded")
BY_HAND = replace(PAID, status="refunded")
LATE = "The money came after the order had ended; asking whether the ticket is still there"
TOO_LATE = replace(PAID, reason=LATE)
TOO_LATE_2 = replace(PAID_2, reason=LATE)
TICKET_GONE = replace(
    PAID, status="refunding", reason="The money came after the order had ended, and the ticket is gone"
)

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
ON_THE_PAGE = replace(AWAITING, version=2, payment=ON_THE_PAGE_NOW)
LEAVING_THE_PAGE = replace(ON_THE_PAGE, version=3, stopping="expired")
STOPPING_AT_THE_BANK = replace(WITH_THE_BANK, version=3, stopping="expired")
DECLINED = replace(CREATED, version=2, payment=FAILED, attempted=(FIRST_TRY,))
SECOND = replace(
    DECLINED, version=3, status="awaiting:payment", payment=PROCESSING_2, attempted=(FIRST_TRY, SECOND_TRY)
)
BESIDE = replace(SECOND, version=4, paid=(1,))
COMPLETE = replace(AWAITING, version=2, status="complete", payment=PAID, paid=(1,))
REFUNDING = replace(COMPLETE, version=3, payment=GOING_BACK)
REFUND_FAILED = replace(COMPLETE, version=4, payment=KEPT)
REFUNDED = replace(COMPLETE, version=4, status="cancelled", payment=WENT_BACK)
CANCELLED = replace(CREATED, version=1, status="cancelled")
STOPPED_IN_TIME = replace(STOPPING, version=3, status="cancelled", stopping=None, payment=STOPPED)
CLAIMING = replace(STOPPED_IN_TIME, version=4, payment=TOO_LATE, claiming=True, paid=(1,))
CLAIMING_GIVEN_BACK = replace(CLAIMING, version=5, payment=BY_HAND, claiming=False)
CLAIMING_TWICE = replace(CLAIMING, version=5, paid=(1, 2))
CLAIMED_TWICE = replace(CLAIMING_TWICE, version=6, status="complete", hold_number=2, payment=PAID, claiming=False)
CLAIMED = replace(CLAIMING, version=5, status="complete", hold_number=2, payment=PAID, claiming=False)
CLAIMED_REFUNDING = replace(CLAIMED, version=6, payment=GOING_BACK)
CLAIMED_REFUNDED = replace(CLAIMED, version=7, status="cancelled", payment=WENT_BACK)
SENDING_BACK = replace(CLAIMING, version=5, payment=TICKET_GONE, claiming=False)
ASKED_AGAIN = replace(SENDING_BACK, version=6, payment=replace(TICKET_GONE, reason=NOT_ARRIVED))
SENT_BACK = replace(SENDING_BACK, version=6, payment=replace(TICKET_GONE, status="refunded"))
CANCELLED_TWICE = replace(CANCELLED, version=2, hold_number=2)

STATES = {
    "unknown": UNKNOWN,
    "created": CREATED,
    "awaiting": AWAITING,
    "with_the_bank": WITH_THE_BANK,  # the bank wants to see the buyer
    "on_the_page": ON_THE_PAGE,  # Stripe's page waits for the buyer
    "leaving_the_page": LEAVING_THE_PAGE,  # the window closed while the page was open
    "stopping": STOPPING,  # the buyer cancelled while paying
    "expiring": EXPIRING,  # the window closed while paying
    "stopping_at_the_bank": STOPPING_AT_THE_BANK,
    "declined": DECLINED,  # created again, one attempt has failed
    "second": SECOND,  # the second attempt is under way
    "beside": BESIDE,  # and the first attempt's money came beside it
    "complete": COMPLETE,
    "refunding": REFUNDING,
    "refund_failed": REFUND_FAILED,  # complete, and says why the money could not go back
    "refunded": REFUNDED,
    "cancelled": CANCELLED,
    "stopped_in_time": STOPPED_IN_TIME,  # cancelled, its attempt ended without money
    "claiming": CLAIMING,  # cancelled, and money came nevertheless: is the ticket still there?
    "claiming_given_back": CLAIMING_GIVEN_BACK,  # somebody gave the money back before the ticket answered
    "claiming_twice": CLAIMING_TWICE,  # and more money came, which goes back
    "claimed_twice": CLAIMED_TWICE,
    "claimed": CLAIMED,  # it was: a sale after all, under a new hold
    "claimed_refunding": CLAIMED_REFUNDING,
    "claimed_refunded": CLAIMED_REFUNDED,
    "sending_back": SENDING_BACK,  # it was not: the money goes back
    "asked_again": ASKED_AGAIN,  # cancelled, and the money could not go back
    "sent_back": SENT_BACK,
    "cancelled_twice": CANCELLED_TWICE,  # a second hold was given back too
}

LATE_MONEY = [GRANT, PAY, CANCEL, stopped(1), money(1, FIRST_TRY)]
WAYS = {
    "created": [GRANT],
    "awaiting": [GRANT, PAY],
    "with_the_bank": [GRANT, PAY, asks_the_buyer(1)],
    "on_the_page": [GRANT, PAY_BY_PAGE, opens_the_page(1)],
    "leaving_the_page": [GRANT, PAY_BY_PAGE, opens_the_page(1), EXPIRED],
    "stopping": [GRANT, PAY, CANCEL],
    "expiring": [GRANT, PAY, EXPIRED],
    "stopping_at_the_bank": [GRANT, PAY, asks_the_buyer(1), EXPIRED],
    "declined": [GRANT, PAY, declined(1)],
    "second": [GRANT, PAY, declined(1), PAY_AGAIN],
    "beside": [GRANT, PAY, declined(1), PAY_AGAIN, money(1, FIRST_TRY)],
    "complete": [GRANT, PAY, money(1, FIRST_TRY)],
    "refunding": [GRANT, PAY, money(1, FIRST_TRY), REFUND],
    "refund_failed": [GRANT, PAY, money(1, FIRST_TRY), REFUND, refund_failed(1)],
    "refunded": [GRANT, PAY, money(1, FIRST_TRY), REFUND, refunded(1)],
    "cancelled": [GRANT, CANCEL],
    "stopped_in_time": [GRANT, PAY, CANCEL, stopped(1)],
    "claiming": LATE_MONEY,
    "claiming_given_back": [*LATE_MONEY, refunded(1)],
    "claiming_twice": [*LATE_MONEY, money(2, SECOND_TRY)],
    "claimed_twice": [*LATE_MONEY, money(2, SECOND_TRY), claimed(2)],
    "claimed": [*LATE_MONEY, claimed(2)],
    "claimed_refunding": [*LATE_MONEY, claimed(2), REFUND],
    "claimed_refunded": [*LATE_MONEY, claimed(2), REFUND, refunded(1)],
    "sending_back": [*LATE_MONEY, CLAIM_REFUSED],
    "asked_again": [*LATE_MONEY, CLAIM_REFUSED, refund_failed(1)],
    "sent_back": [*LATE_MONEY, CLAIM_REFUSED, refunded(1)],
    "cancelled_twice": [GRANT, CANCEL, granted(2)],
}


def without(names, *others):
    return tuple(name for name in names if name not in others)


OPEN = ("created", "declined")
EXPIRING_ONES = ("expiring", "stopping_at_the_bank", "leaving_the_page")
BEING_STOPPED = ("stopping", *EXPIRING_ONES)
GOING_ON = ("awaiting", "with_the_bank", "on_the_page")
FIRST_ATTEMPT = (*GOING_ON, *BEING_STOPPED)
SECONDS = ("second", "beside")
PAYING = (*FIRST_ATTEMPT, *SECONDS)
SOLD_ONCE = ("complete", "refunding", "refund_failed", "claimed", "claimed_refunding")
SOLD = (*SOLD_ONCE, "claimed_twice")
CLAIMS = ("claiming", "claiming_twice")
NEVER_PAID = ("cancelled", "stopped_in_time", "cancelled_twice")
UNPAID_AGAIN = ("refunded", "claiming_given_back", "claimed_refunded", "sent_back")
GONE = (*NEVER_PAID, *UNPAID_AGAIN, *CLAIMS, "sending_back", "asked_again")
FIRST_HOLD_GONE = without(GONE, "cancelled_twice", "claimed_refunded")
UNTRIED = ("cancelled", "cancelled_twice")


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


def money_is_asked_back(state):
    """It buys nothing, be it that it had gone back already and came back from the bank."""
    return hears(refund_please(1), payment=replace(state.payment, status="refunding", reason=NOT_ARRIVED))(state)


def is_over(news=OVER, **fields):
    return moves(news, status="cancelled", stopping=None, **fields)


def hears_of_money(attempt, *events, **fields):
    """Whatever it buys, it is remembered: the next time it is no news."""

    def outcome(state):
        return hears(*events, paid=(*state.paid, attempt), **fields)(state)

    return outcome


def is_sold(payment):
    return hears_of_money(payment.attempt, DONE, status="complete", stopping=None, payment=payment)


def sends_back_at_once(attempt):
    """Money beside other money buys nothing."""
    return hears_of_money(attempt, refund_please(attempt))


def claims_the_ticket(payment):
    """Money for an order that has ended: perhaps its ticket is still to be had."""
    return hears_of_money(payment.attempt, CLAIM, payment=payment, claiming=True)


def is_sold_after_all(hold_number):
    return hears(status="complete", payment=PAID, hold_number=hold_number, claiming=False)


def is_no_sale(hold_number, news=OVER):
    """What the order cannot pay for any more goes back on sale."""
    return hears(replace(news, hold_number=hold_number), hold_number=hold_number)


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
        **each(FIRST_HOLD_GONE, moves(replace(OVER, hold_number=2), hold_number=2))
        | {"cancelled": moves(replace(OVER_UNTRIED, hold_number=2), hold_number=2)},
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
        created=is_over(OVER_UNTRIED),
        declined=is_over(),
        **each(GOING_ON, moves(stop_please(1), stopping="cancelled")),
        **each(SECONDS, moves(stop_please(2), stopping="cancelled")),
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
        **each(SECONDS, is_shown),
        **each(SOLD, stays(ALREADY_PAID)),
        **each(GONE, stays(ORDER_CANCELLED)),
    ),
    rule(
        "its buyer pays on Stripe's page",
        PAY_BY_PAGE,
        otherwise=is_shown,
        unknown=NO_SUCH_ORDER,
        created=moves(
            request(1, FIRST_TRY, PAGE), status="awaiting:payment", payment=PROCESSING, attempted=(FIRST_TRY,)
        ),
        cancelled=stays(ORDER_CANCELLED),
        cancelled_twice=stays(ORDER_CANCELLED),
    ),
    rule(
        "its buyer pays on Stripe's page under another name",
        PAY_BY_PAGE_AGAIN,
        unknown=NO_SUCH_ORDER,
        created=moves(
            request(1, SECOND_TRY, PAGE),
            status="awaiting:payment",
            payment=replace(PROCESSING, payment_id=SECOND_TRY),
            attempted=(SECOND_TRY,),
        ),
        declined=moves(
            request(2, SECOND_TRY, PAGE),
            status="awaiting:payment",
            payment=PROCESSING_2,
            attempted=(FIRST_TRY, SECOND_TRY),
        ),
        **each(FIRST_ATTEMPT, stays(PAYMENT_IN_PROGRESS)) | {"on_the_page": is_shown},  # one page, however often asked
        **each(SECONDS, is_shown),
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
        on_the_page=is_shown,
        **each(BEING_STOPPED, is_held_back),
        **each(SECONDS, is_held_back),
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
        created=is_over(TIMED_OUT_UNTRIED),
        declined=is_over(TIMED_OUT),
        **each(GOING_ON, moves(stop_please(1), stopping="expired")),
        **each(SECONDS, moves(stop_please(2), stopping="expired")),
        **each(BEING_STOPPED, is_shown),
    ),
    # Money: a sale wherever the order can still be paid, and otherwise it goes back.
    rule(
        "the first attempt's money is there",
        money(1, FIRST_TRY),
        unknown=is_kept,
        **each((*OPEN, *FIRST_ATTEMPT), is_sold(PAID)),
        second=sends_back_at_once(1),
        **each(NEVER_PAID, claims_the_ticket(TOO_LATE)),
        # The money that could not go back is the same money: it was claimed for once.
    ),
    rule(
        "the second attempt's money is there",
        money(2, SECOND_TRY),
        unknown=is_kept,
        **each((*OPEN, *SECONDS), is_sold(PAID_2)),
        **each((*FIRST_ATTEMPT, *SOLD_ONCE), sends_back_at_once(2)),
        **each((*NEVER_PAID, *UNPAID_AGAIN), claims_the_ticket(TOO_LATE_2)),
        # These have other money in hand, which must not be forgotten.
        **each(("claiming", "sending_back", "asked_again"), sends_back_at_once(2)),
    ),
    rule(
        "the ticket is its own after all",
        claimed(2),
        unknown=is_kept,
        **each(without(FIRST_HOLD_GONE, *CLAIMS), is_no_sale(2)) | {"cancelled": is_no_sale(2, OVER_UNTRIED)},
        **each(CLAIMS, is_sold_after_all(2)),
    ),
    rule(
        "the ticket is its own after all, under a later hold",
        claimed(3),
        unknown=is_kept,
        **each(without(GONE, *CLAIMS), is_no_sale(3)) | each(UNTRIED, is_no_sale(3, OVER_UNTRIED)),
        **each(CLAIMS, is_sold_after_all(3)),
    ),
    rule(
        "somebody else has the ticket",
        CLAIM_REFUSED,
        unknown=is_kept,
        **each(CLAIMS, hears(refund_please(1), payment=TICKET_GONE, claiming=False)),
    ),
    # No money: back to created, or over if the order was to end.
    rule(
        "the first attempt is declined",
        declined(1),
        unknown=is_kept,
        **each(GOING_ON, hears(status="created", payment=FAILED)),
        stopping=is_over(payment=FAILED),
        **each(EXPIRING_ONES, is_over(TIMED_OUT, payment=FAILED)),
    ),
    rule(
        "the second attempt is declined",
        declined(2),
        unknown=is_kept,
        **each(
            SECONDS,
            hears(status="created", payment=replace(FAILED, attempt=2, payment_id=SECOND_TRY, stripe_id="pi_2")),
        ),
    ),
    rule(
        "the first attempt is stopped",
        stopped(1),
        unknown=is_kept,
        awaiting=hears(status="created", payment=STOPPED),
        with_the_bank=hears(status="created", payment=replace(STOPPED, stripe_id="pi_1")),
        on_the_page=hears(status="created", payment=replace(STOPPED, stripe_id="cs_1")),
        stopping=is_over(payment=STOPPED),
        expiring=is_over(TIMED_OUT, payment=STOPPED),
        stopping_at_the_bank=is_over(TIMED_OUT, payment=replace(STOPPED, stripe_id="pi_1")),
        leaving_the_page=is_over(TIMED_OUT, payment=replace(STOPPED, stripe_id="cs_1")),
    ),
    rule(
        "the second attempt is stopped",
        stopped(2),
        unknown=is_kept,
        **each(SECONDS, hears(status="created", payment=replace(STOPPED, attempt=2, payment_id=SECOND_TRY))),
    ),
    rule(
        "the bank wants to see the first attempt's buyer",
        asks_the_buyer(1),
        unknown=is_kept,
        **each(("awaiting", "stopping", "expiring", "on_the_page", "leaving_the_page"), hears(payment=ACTING)),
    ),
    rule(
        "Stripe's page waits for the first attempt's buyer",
        opens_the_page(1),
        unknown=is_kept,
        **each(
            ("awaiting", "stopping", "expiring", "with_the_bank", "stopping_at_the_bank"),
            hears(payment=ON_THE_PAGE_NOW),
        ),
    ),
    rule(
        "Stripe's page waits for the second attempt's buyer",
        opens_the_page(2),
        unknown=is_kept,
        **each(SECONDS, hears(payment=replace(ON_THE_PAGE_NOW, attempt=2, payment_id=SECOND_TRY, stripe_id="cs_2"))),
    ),
    rule(
        "the bank wants to see the second attempt's buyer",
        asks_the_buyer(2),
        unknown=is_kept,
        **each(SECONDS, hears(payment=replace(ACTING, attempt=2, payment_id=SECOND_TRY, stripe_id="pi_2"))),
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
        **each(("claimed", "claimed_twice"), moves(refund_please(1), payment=GOING_BACK)),
        claimed_refunding=is_shown,
        sending_back=is_shown,
        asked_again=is_shown,
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
        complete=is_over(payment=BY_HAND),
        refunding=is_over(payment=WENT_BACK),
        refund_failed=is_over(payment=BY_HAND),
        **each(
            ("claimed", "claimed_twice"),
            moves(replace(OVER, hold_number=2), status="cancelled", payment=BY_HAND),
        ),
        claimed_refunding=moves(replace(OVER, hold_number=2), status="cancelled", payment=WENT_BACK),
        **each(CLAIMS, hears(payment=BY_HAND, claiming=False)),
        sending_back=hears(payment=SENT_BACK.payment),
        asked_again=hears(payment=replace(ASKED_AGAIN.payment, status="refunded")),
    ),
    rule("the second attempt's money is back", refunded(2), unknown=is_kept),
    rule(
        "the first attempt's money cannot go back",
        refund_failed(1),
        unknown=is_kept,
        **each(without(SOLD, "refund_failed"), hears(payment=KEPT)),
        # Money that buys nothing is asked back until it is back.
        **each((*CLAIMS, *UNPAID_AGAIN), money_is_asked_back),
        **each(("sending_back", "asked_again"), hears(refund_please(1), payment=ASKED_AGAIN.payment)),
        beside=hears(refund_please(1)),
    ),
    rule(
        "the second attempt's money cannot go back",
        refund_failed(2),
        unknown=is_kept,
        **each(("claiming_twice", "claimed_twice"), hears(refund_please(2))),
    ),
    rule("gossip", Gossip(), otherwise=is_not_understood, unknown=NO_SUCH_ORDER),
]

SAYS_AGAIN = {
    *(
        (state, "the first attempt's money cannot go back")
        for state in (*CLAIMS, *UNPAID_AGAIN, "sending_back", "asked_again", "beside")
    ),
    *((state, "the second attempt's money cannot go back") for state in ("claiming_twice", "claimed_twice")),
}
"""It asks for money that buys nothing as often as it hears that it could not go back; the payment pauses in between."""


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


def test_a_double_click_on_pay_opens_one_page():
    again = OFFICE.decide(ON_THE_PAGE, PAY_BY_PAGE_AGAIN, NOON)
    assert again.state is ON_THE_PAGE
    assert again.reply.payment.next_action.url == OPEN_PAGE.url


def test_an_abandoned_page_can_be_followed_by_a_card():
    state = walked(OFFICE, ON_THE_PAGE, declined(1), PAY_AGAIN)
    assert (state.status, state.payment.attempt, state.payment.next_action) == ("awaiting:payment", 2, None)


def test_late_money_for_an_order_that_waits_again_is_a_sale():
    assert walked(OFFICE, DECLINED, money(1, FIRST_TRY)).status == "complete"


def test_money_given_back_by_hand_while_the_ticket_was_asked_gives_the_ticket_back():
    answered = OFFICE.decide(CLAIMING_GIVEN_BACK, claimed(2), NOON)
    assert answered.events == (replace(OVER, hold_number=2),)
    assert (answered.state.status, answered.state.payment.status) == ("cancelled", "refunded")


def test_money_given_back_by_hand_while_the_ticket_was_asked_is_not_given_back_again():
    assert OFFICE.decide(CLAIMING_GIVEN_BACK, CLAIM_REFUSED, NOON).events == ()


def test_a_grant_of_the_past_does_not_end_a_claim():
    """A late copy of its old wish got the ticket while its money came: that hold goes back, the claim is answered."""
    held_again = OFFICE.decide(CLAIMING, granted(2), NOON)
    assert held_again.events == (replace(OVER, hold_number=2),)
    assert walked(OFFICE, held_again.state, claimed(3)).status == "complete"


def test_a_late_copy_of_money_that_was_sent_back_buys_nothing():
    ended = walked(OFFICE, BESIDE, declined(2), CANCEL)
    assert ended.status == "cancelled"
    assert OFFICE.decide(ended, money(1, FIRST_TRY), NOON).state is ended


def test_a_late_copy_of_money_that_was_refunded_buys_nothing():
    """The sale of the second attempt was refunded, then the first one's late money was; nothing is left to buy with."""
    sold = walked(OFFICE, SECOND, money(2, SECOND_TRY), REFUND, refunded(2))
    late = walked(OFFICE, sold, money(1, FIRST_TRY), CLAIM_REFUSED, refunded(1))
    assert (late.status, late.payment.attempt, late.payment.status) == ("cancelled", 1, "refunded")
    assert OFFICE.decide(late, money(2, SECOND_TRY), NOON).state is late


def test_an_old_answer_to_an_old_claim_is_none_to_the_present_one():
    sold_late = walked(OFFICE, CLAIMED_REFUNDED, money(2, SECOND_TRY))
    assert sold_late.claiming
    assert OFFICE.decide(sold_late, claimed(2), NOON).state is sold_late
    assert walked(OFFICE, sold_late, claimed(3)).hold_number == 3


ANYTHING = [
    GRANT,
    granted(2),
    granted(3),
    CANCEL,
    EXPIRED,
    *(PayOrder(user_id=BUYER, payment_id=some_id(0xF0 + n), method=VISA) for n in range(1, 6)),
    PAY_BY_PAGE_AGAIN,
    REFUND,
    OrderSettled(),
    *(claimed(hold_number) for hold_number in (2, 3)),
    CLAIM_REFUSED,
    *(money(attempt, some_id(0xF0 + attempt)) for attempt in (1, 2, 3)),
    *(
        word(attempt)
        for word in (declined, stopped, asks_the_buyer, opens_the_page, refunded, refund_failed)
        for attempt in (1, 2, 3)
    ),
]
PAY_MORE = [message for message in ANYTHING if isinstance(message, PayOrder)]
LAST_WORDS = (PaymentCreated, PaymentFailed, PaymentStopped)


def test_whatever_comes_an_order_keeps_its_promises():
    for turns in sequences(OFFICE, ORDER, ANYTHING + PAY_MORE, opening=[GRANT]):
        said, requested, taken = Counter(), [], set()
        for turn in turns:
            before, after = turn.before, turn.after
            said.update(type(event) for event in turn.decision.events)
            requested += [event.attempt for event in turn.published(PaymentRequested)]
            if before.status == "cancelled" != after.status:
                assert isinstance(turn.message, TicketClaimed), turn
                assert before.claiming, turn
            if before.status == "cancelled":
                assert not turn.published(PaymentRequested), turn
            if after.claiming:
                assert after.status == "cancelled", turn
                assert after.payment.status in ("paid", "refunding"), turn
            if turn.published(ClaimTicket):
                assert not before.claiming, turn
                assert turn.message.attempt not in before.paid, turn
            if isinstance(turn.message, PaymentCreated):
                taken.add(turn.message.attempt)
            assert {event.attempt for event in turn.published(PaymentRefund)} <= taken, turn
            assert sorted(after.paid) == sorted(taken), turn
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
        if said[OrderCancelled] and turns[-1].after.status != "cancelled":
            assert said[ClaimTicket], turns[-1].seed
            assert turns[-1].after.status == "complete", turns[-1].seed
        assert said[OrderCancelled] or turns[-1].after.status != "cancelled", turns[-1].seed


def test_an_order_is_no_place_to_try_out_cards():
    tried = tuple(some_id(0x100 + n) for n in range(ATTEMPTS_MAX))
    state = replace(STATES["declined"], attempted=tried)
    assert OFFICE.decide(state, PAY_AGAIN, NOON).reply == TOO_MANY_PAYMENTS
    assert OFFICE.decide(replace(state, attempted=tried[1:]), PAY_AGAIN, NOON).events
    assert OFFICE.decide(state, replace(PAY_AGAIN, payment_id=tried[0]), NOON).reply == shown(state), "not a new one"


def test_whatever_comes_every_hold_of_a_cancelled_order_was_given_back():
    for turns in sequences(OFFICE, ORDER, ANYTHING, opening=[GRANT]):
        given_back = {event.hold_number for turn in turns for event in turn.published(OrderCancelled)}
        last = turns[-1].after
        if last.status == "cancelled":
            assert last.hold_number in given_back, turns[-1].seed


def test_whatever_comes_only_a_timer_that_rang_does_not_hear_of_the_end():
    for turns in sequences(OFFICE, ORDER, ANYTHING, opening=[GRANT]):
        has_rung = False
        for turn in turns:
            has_rung = has_rung or isinstance(turn.message, ExpirationComplete)
            assert all(has_rung or not event.rang for event in turn.published(OrderCancelled)), turn


def test_whatever_comes_a_payment_hears_of_the_end_if_and_only_if_it_was_begun():
    """An order that ended untried never begins a payment any more: there is nobody to tell, and never will be."""
    for turns in sequences(OFFICE, ORDER, ANYTHING + PAY_MORE, opening=[GRANT]):
        begun, untried = False, False
        for turn in turns:
            begun = begun or bool(turn.published(PaymentRequested))
            ends = turn.published(OrderCancelled)
            assert all(event.attempted == begun for event in ends), turn
            untried = untried or (bool(ends) and not begun)
            assert not (untried and begun), turn
