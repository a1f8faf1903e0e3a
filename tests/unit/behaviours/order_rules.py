"""The rules of an order: for each message, what it means in each state.

Read a line as a sentence: what is said, the message that says it, what it means in most states (`otherwise`), and what
it means in each state that is different. Its words are in `order_outcomes`; `order_states` tells how each state came
about. Where no `otherwise` is given the message is acknowledged and changes nothing. So a line speaks of the states it
does not name, too: each is held against every state.
"""

from msgspec.structs import replace

from actors.contract import (
    ALREADY_PAID,
    NOT_THE_BUYER,
    NOT_THE_SELLER,
    ORDER_CANCELLED,
    ORDER_COMPLETE,
    ORDER_NOT_PAID,
    PAYMENT_IN_PROGRESS,
    CancelOrder,
    OrderCreated,
    OrderSettled,
    RefundOrder,
)

from .given import (
    BUYER,
    FIRST_TRY,
    NOON,
    ORDER,
    OTHER_TICKET,
    SECOND_TRY,
    SELLER,
    STRANGER,
    TICKET,
    WINDOW,
    Gossip,
    Rule,
    becomes,
    each,
    is_kept,
    is_not_understood,
    rule,
    stays,
    without,
)
from .order_outcomes import (
    NO_SUCH_ORDER,
    claims_the_ticket,
    hears,
    is_held_back,
    is_no_sale,
    is_over,
    is_shown,
    is_sold,
    is_sold_after_all,
    money_is_asked_back,
    moves,
    sends_back_at_once,
    shown,
)
from .order_papers import (
    CANCEL,
    CLAIM_REFUSED,
    EXPIRED,
    GRANT,
    OVER,
    OVER_UNTRIED,
    PAGE,
    PAY,
    PAY_AGAIN,
    PAY_BY_PAGE,
    PAY_BY_PAGE_AGAIN,
    REFUND,
    SEAT,
    TIMED_OUT,
    TIMED_OUT_UNTRIED,
    asks_the_buyer,
    claimed,
    declined,
    granted,
    money,
    opens_the_page,
    refund_failed,
    refund_please,
    refunded,
    request,
    stop_please,
    stopped,
)
from .order_states import (
    ACTING,
    ASKED_AGAIN,
    BEING_STOPPED,
    BY_HAND,
    CLAIMS,
    CREATED,
    EXPIRING_ONES,
    FAILED,
    FIRST_ATTEMPT,
    FIRST_HOLD_GONE,
    GOING_BACK,
    GOING_ON,
    GONE,
    KEPT,
    NEVER_PAID,
    ON_THE_PAGE_NOW,
    OPEN,
    PAID,
    PAID_2,
    PAYING,
    PROCESSING,
    PROCESSING_2,
    SECONDS,
    SENT_BACK,
    SOLD,
    SOLD_ONCE,
    STOPPED,
    TICKET_GONE,
    TOO_LATE,
    TOO_LATE_2,
    UNPAID_AGAIN,
    UNTRIED,
    WENT_BACK,
)

RULES: list[Rule] = [
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
        **each(SECONDS, is_shown),  # his has failed, whatever comes of the second
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
