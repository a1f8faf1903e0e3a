"""The papers of a payment: what it is told by its order and by Stripe, and what it tells the order."""

from actors.contract import (
    Checkout,
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
)
from actors.payment_answers import (
    CheckoutOpened,
    IntentCancelled,
    IntentDeclined,
    IntentNeedsAction,
    IntentOpened,
    IntentSucceeded,
    RefundFailed,
    RefundSucceeded,
)

from .given import FIRST_TRY, ORDER, PRICE, SECOND_TRY, TICKET, some_id

# --- What it is told ------------------------------------------------------------------------------------------------

VISA = PaymentMethod(payment_method="pm_card_visa")
FORGOTTEN = PaymentMethod()
PAGE = PaymentMethod(checkout=Checkout(success_url="https://box.example/paid", cancel_url="https://box.example/back"))
OPEN_PAGE = NextAction(kind="checkout", url="https://stripe.example/c/cs_1")
AT_THE_BANK = NextAction(kind="redirect_to_url", url="https://bank.example/3ds")
CLOSED_CARD = "The card is closed"
ORDER_CANCELLED = OrderCancelled(order_id=ORDER, hold_number=1, ticket_id=TICKET)
PAYMENT_IDS = {1: FIRST_TRY, 2: SECOND_TRY, 3: some_id(0xF3)}


def request(attempt: int, method: PaymentMethod = VISA) -> PaymentRequested:
    return PaymentRequested(
        order_id=ORDER,
        attempt=attempt,
        payment_id=PAYMENT_IDS[attempt],
        amount=PRICE,
        title="Front row",
        method=method,
    )


def stop(attempt: int) -> PaymentStop:
    return PaymentStop(order_id=ORDER, attempt=attempt)


def refund(attempt: int) -> PaymentRefund:
    return PaymentRefund(order_id=ORDER, attempt=attempt)


def opened(attempt: int) -> IntentOpened:
    return IntentOpened(attempt=attempt, stripe_id=f"pi_{attempt}")


def page_opened(attempt: int) -> CheckoutOpened:
    return CheckoutOpened(attempt=attempt, stripe_id=f"cs_{attempt}", url=f"https://stripe.example/c/cs_{attempt}")


def succeeded(attempt: int) -> IntentSucceeded:
    return IntentSucceeded(attempt=attempt, stripe_id=f"pi_{attempt}", amount=PRICE)


def declined(attempt: int) -> IntentDeclined:
    return IntentDeclined(attempt=attempt, code="insufficient_funds", reason="No funds")


def needs_action(attempt: int) -> IntentNeedsAction:
    return IntentNeedsAction(attempt=attempt, next_action=AT_THE_BANK)


def dead(attempt: int) -> IntentCancelled:
    return IntentCancelled(attempt=attempt)


def orphan_declined(attempt: int) -> IntentDeclined:
    return IntentDeclined(attempt=attempt, code="insufficient_funds", reason="No funds", stripe_id="pi_orphan")


def orphan_dead(attempt: int) -> IntentCancelled:
    return IntentCancelled(attempt=attempt, stripe_id="pi_orphan")


def back(attempt: int, nth: int = 1) -> RefundSucceeded:
    return RefundSucceeded(attempt=attempt, refund=nth)


UNNUMBERED = 0
"""All is back, whoever gave it; or what failed was made by hand."""


def not_back(attempt: int, nth: int = 1) -> RefundFailed:
    return RefundFailed(attempt=attempt, refund=nth, reason=CLOSED_CARD)


# --- What the order is told -----------------------------------------------------------------------------------------


def the_money_is_there(attempt: int) -> PaymentCreated:
    return PaymentCreated(
        order_id=ORDER,
        attempt=attempt,
        payment_id=PAYMENT_IDS[attempt],
        stripe_id=f"pi_{attempt}",
        amount=PRICE,
    )


def the_card_was_declined(attempt: int, stripe_id: str | None = "pi_1") -> PaymentFailed:
    return PaymentFailed(
        order_id=ORDER, attempt=attempt, code="insufficient_funds", reason="No funds", stripe_id=stripe_id
    )


def it_came_to_nothing(attempt: int, stripe_id: str | None = "pi_1") -> PaymentFailed:
    return PaymentFailed(
        order_id=ORDER,
        attempt=attempt,
        code="payment_not_completed",
        reason="The payment could not be completed; no money was taken",
        stripe_id=stripe_id,
    )


def another_is_under_way(attempt: int) -> PaymentFailed:
    return PaymentFailed(
        order_id=ORDER,
        attempt=attempt,
        code="payment_in_progress",
        reason="Another payment for this order is under way",
    )


THE_BANK_ASKS = PaymentActionRequired(order_id=ORDER, attempt=1, stripe_id="pi_1", next_action=AT_THE_BANK)
THE_PAGE_IS_OPEN = PaymentActionRequired(order_id=ORDER, attempt=1, stripe_id="cs_1", next_action=OPEN_PAGE)
THE_MONEY_IS_BACK = PaymentRefunded(order_id=ORDER, attempt=1)
THE_MONEY_STAYS = PaymentRefundFailed(order_id=ORDER, attempt=1, reason=CLOSED_CARD)


def stopped(attempt: int) -> PaymentStopped:
    return PaymentStopped(order_id=ORDER, attempt=attempt)


def never_taken(attempt: int) -> PaymentRefundFailed:
    return PaymentRefundFailed(order_id=ORDER, attempt=attempt, reason="No such payment was taken", is_unknown=True)
