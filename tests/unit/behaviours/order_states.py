"""How an order can stand: every state its rules speak of, and the messages that lead there."""

from typing import Any

from msgspec.structs import replace

from actors.contract import Message, PaymentRecord
from actors.order import Order
from actors.order_refunds import NOT_ARRIVED

from .given import BUYER, FIRST_TRY, NOON, ORDER, PRICE, SECOND_TRY, WINDOW, without
from .order_papers import (
    AT_THE_BANK,
    CANCEL,
    CLAIM_REFUSED,
    EXPIRED,
    GRANT,
    OPEN_PAGE,
    PAY,
    PAY_AGAIN,
    PAY_BY_PAGE,
    REFUND,
    SEAT,
    asks_the_buyer,
    claimed,
    declined,
    granted,
    money,
    opens_the_page,
    refund_failed,
    refunded,
    stopped,
)

# --- What an order knows of its money -------------------------------------------------------------------------------

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

# --- How it can stand -----------------------------------------------------------------------------------------------

UNKNOWN = Order(id=ORDER)
CREATED = Order(
    id=ORDER,
    version=0,
    user_id=BUYER,
    hold_number=1,
    further_holds=0,
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
SECOND_HOLD: dict[str, Any] = {"hold_number": 2, "further_holds": 1}
CLAIMED_TWICE = replace(CLAIMING_TWICE, version=6, status="complete", payment=PAID, claiming=False, **SECOND_HOLD)
CLAIMED = replace(CLAIMING, version=5, status="complete", payment=PAID, claiming=False, **SECOND_HOLD)
CLAIMED_REFUNDING = replace(CLAIMED, version=6, payment=GOING_BACK)
CLAIMED_REFUNDED = replace(CLAIMED, version=7, status="cancelled", payment=WENT_BACK)
SENDING_BACK = replace(CLAIMING, version=5, payment=TICKET_GONE, claiming=False)
ASKED_AGAIN = replace(SENDING_BACK, version=6, payment=replace(TICKET_GONE, reason=NOT_ARRIVED))
SENT_BACK = replace(SENDING_BACK, version=6, payment=replace(TICKET_GONE, status="refunded"))
CANCELLED_TWICE = replace(CANCELLED, version=2, **SECOND_HOLD)

STATES: dict[str, Order] = {
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

# --- The messages that lead there -----------------------------------------------------------------------------------

LATE_MONEY: list[Message] = [GRANT, PAY, CANCEL, stopped(1), money(1, FIRST_TRY)]
WAYS: dict[str, list[Message]] = {
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

# --- What states have in common -------------------------------------------------------------------------------------

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
