"""The rules of money that goes back: the seller may ask for it, and a sale ends only when it is really back.

A sale stands if its refund fails; money that bought nothing is asked back until it is back.
"""

from msgspec.structs import replace

from actors.contract import (
    NOT_THE_SELLER,
    ORDER_NOT_PAID,
    Decision,
    PaymentRecord,
    PaymentRefund,
    PaymentRefunded,
    PaymentRefundFailed,
    RefundOrder,
    ignore,
    refuse,
)
from actors.order_state import Order, attempt_of, end, reply_with

BY_THE_SELLER = "Refunded by the seller"
"""Why the money of a sale goes back."""

NOT_ARRIVED = "An earlier refund did not arrive"
"""Why money goes back once more; as true while it does as when it has."""


def refund(state: Order, wish: RefundOrder) -> Decision[Order]:
    """The seller may give the money of a sale back; asking twice is asking once."""
    assert state.ticket is not None, "a stored order has a ticket"
    if wish.user_id != state.ticket.user_id:
        return refuse(state, NOT_THE_SELLER)
    if state.payment and state.payment.status == "refunding":
        return Decision(state, reply_with(state))
    if not state.payment or state.payment.status != "paid" or state.claiming:
        return refuse(state, ORDER_NOT_PAID)
    new = state.next(payment=replace(state.payment, status="refunding", reason=BY_THE_SELLER))
    return Decision(new, reply_with(new), (PaymentRefund(order_id=state.id, attempt=attempt_of(state)),))


def hear_of_refund(state: Order, event: PaymentRefunded | PaymentRefundFailed) -> Decision[Order]:
    """Only money that is really back puts a sold ticket on sale again; a failed refund leaves the sale.

    A refund may fail days after it succeeded: the ticket is somebody else's by then, and the money has to go back.
    """
    payment = state.payment
    if isinstance(event, PaymentRefundFailed) and event.attempt in state.paid and event.attempt != attempt_of(state):
        again = PaymentRefund(order_id=state.id, attempt=event.attempt)  # it bought nothing, so it has to go back
        return ignore(state) if event.is_unknown else Decision(state.next(), events=(again,))
    had_money = payment is not None and payment.status in ("paid", "refunding", "refunded")
    if not payment or not had_money or event.attempt != payment.attempt:
        return ignore(state)
    if isinstance(event, PaymentRefundFailed):
        return keep_or_ask_again(state, payment, event)
    if payment.status == "refunded":
        return ignore(state)
    # What is said of money that was not on its way is why an earlier refund failed: that is past.
    reason = payment.reason if payment.status == "refunding" else None
    refunded = replace(payment, status="refunded", reason=reason)
    if state.status == "complete":
        return end(state, refunded)
    return Decision(state.next(payment=refunded, claiming=False))


def keep_or_ask_again(state: Order, payment: PaymentRecord, event: PaymentRefundFailed) -> Decision[Order]:
    """A sale stands if its refund fails; money without a sale is asked back until it is back."""
    if state.status == "cancelled" and event.is_unknown:
        return ignore(state)  # the books have lost what was paid: the audit says so, and somebody has to look
    if state.status == "cancelled":
        waiting = replace(payment, status="refunding", reason=NOT_ARRIVED)
        ask = PaymentRefund(order_id=state.id, attempt=payment.attempt)
        return Decision(state.next(payment=waiting), events=(ask,))
    kept = replace(payment, status="paid", reason=event.reason)
    return ignore(state) if kept == payment else Decision(state.next(payment=kept))
