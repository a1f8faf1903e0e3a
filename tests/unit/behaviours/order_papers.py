"""The papers of an order: what it is told, and what it tells the others."""

from msgspec.structs import replace

from actors.contract import (
    CancelOrder,
    Checkout,
    ClaimTicket,
    ExpirationComplete,
    Grant,
    Id,
    NextAction,
    OrderCancelled,
    OrderCompleted,
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
    PayOrder,
    RefundOrder,
    TicketClaimed,
    TicketClaimRefused,
    TicketRecord,
    TicketUpdated,
)

from .given import BUYER, FIRST_TRY, ORDER, PRICE, SECOND_TRY, SELLER, TICKET, ticket_record

# --- What it is told ------------------------------------------------------------------------------------------------

SEAT = ticket_record(1)
VISA = PaymentMethod(token="tok_visa")
PAGE = PaymentMethod(checkout=Checkout(success_url="https://box.example/paid", cancel_url="https://box.example/back"))
OPEN_PAGE = NextAction(kind="checkout", url="https://stripe.example/c/cs_1")
AT_THE_BANK = NextAction(kind="redirect_to_url", url="https://bank.example/3ds")


def granted(hold_number: int = 1, ticket: TicketRecord = SEAT) -> TicketUpdated:
    return TicketUpdated(ticket=ticket, grant=Grant(order_id=ORDER, user_id=BUYER, hold_number=hold_number))


def money(attempt: int, payment_id: Id) -> PaymentCreated:
    return PaymentCreated(
        order_id=ORDER, attempt=attempt, payment_id=payment_id, stripe_id=f"pi_{attempt}", amount=PRICE
    )


def declined(attempt: int) -> PaymentFailed:
    return PaymentFailed(
        order_id=ORDER, attempt=attempt, code="insufficient_funds", reason="No funds", stripe_id=f"pi_{attempt}"
    )


def asks_the_buyer(attempt: int) -> PaymentActionRequired:
    return PaymentActionRequired(order_id=ORDER, attempt=attempt, stripe_id=f"pi_{attempt}", next_action=AT_THE_BANK)


def opens_the_page(attempt: int) -> PaymentActionRequired:
    return PaymentActionRequired(order_id=ORDER, attempt=attempt, stripe_id=f"cs_{attempt}", next_action=OPEN_PAGE)


def claimed(hold_number: int) -> TicketClaimed:
    return TicketClaimed(order_id=ORDER, hold_number=hold_number)


def stopped(attempt: int) -> PaymentStopped:
    return PaymentStopped(order_id=ORDER, attempt=attempt)


def refunded(attempt: int) -> PaymentRefunded:
    return PaymentRefunded(order_id=ORDER, attempt=attempt)


def refund_failed(attempt: int) -> PaymentRefundFailed:
    return PaymentRefundFailed(order_id=ORDER, attempt=attempt, reason="The card is closed")


def refund_unheard_of(attempt: int) -> PaymentRefundFailed:
    """The payments service knows of no such money."""
    return replace(refund_failed(attempt), is_unknown=True)


GRANT = granted()
CANCEL = CancelOrder(user_id=BUYER)
PAY = PayOrder(user_id=BUYER, payment_id=FIRST_TRY, method=VISA)
PAY_AGAIN = PayOrder(user_id=BUYER, payment_id=SECOND_TRY, method=VISA)
PAY_BY_PAGE = PayOrder(user_id=BUYER, payment_id=FIRST_TRY, method=PAGE)
PAY_BY_PAGE_AGAIN = PayOrder(user_id=BUYER, payment_id=SECOND_TRY, method=PAGE)
CLAIM_REFUSED = TicketClaimRefused(order_id=ORDER)
REFUND = RefundOrder(user_id=SELLER)
EXPIRED = ExpirationComplete(order_id=ORDER)

# --- What it tells the others ---------------------------------------------------------------------------------------

OVER = OrderCancelled(order_id=ORDER, hold_number=1, ticket_id=TICKET, attempted=True)
OVER_UNTRIED = replace(OVER, attempted=False)  # nobody ever tried to pay: payments need not hear of it
TIMED_OUT = replace(OVER, rang=True)  # the timer said so: it need not hear of it
TIMED_OUT_UNTRIED = replace(OVER_UNTRIED, rang=True)
DONE = OrderCompleted(order_id=ORDER, hold_number=1, ticket_id=TICKET)
CLAIM = ClaimTicket(order_id=ORDER, ticket_id=TICKET, user_id=BUYER, price=PRICE)


def refund_please(attempt: int) -> PaymentRefund:
    return PaymentRefund(order_id=ORDER, attempt=attempt)


def stop_please(attempt: int) -> PaymentStop:
    return PaymentStop(order_id=ORDER, attempt=attempt)


def request(attempt: int, payment_id: Id, method: PaymentMethod = VISA) -> PaymentRequested:
    return PaymentRequested(
        order_id=ORDER, attempt=attempt, payment_id=payment_id, amount=PRICE, title="Front row", method=method
    )
