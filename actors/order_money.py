"""The rules of an order's money: one attempt at a time, refunds by the seller, and money that comes too late."""

from msgspec.structs import replace

from actors.contract import (
    ALREADY_PAID,
    NOT_THE_SELLER,
    ORDER_CANCELLED,
    ORDER_NOT_PAID,
    PAYMENT_IN_PROGRESS,
    TOO_MANY_PAYMENTS,
    ClaimTicket,
    Decision,
    OrderSettled,
    PaymentActionRequired,
    PaymentCreated,
    PaymentFailed,
    PaymentRecord,
    PaymentRefund,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRequested,
    PaymentStopped,
    PayOrder,
    RefundOrder,
    TicketClaimed,
    hold,
    ignore,
    refuse,
)
from actors.order_state import Order, attempt_of, cancelled, completed, end, reply_with

ATTEMPTS_MAX = 20
"""Payments that are tried for one order: more than anybody needs, and too few to find out which stolen cards work."""

NOT_ARRIVED = "An earlier refund did not arrive"
"""Why money goes back once more; as true while it does as when it has."""


def pay(state: Order, wish: PayOrder) -> Decision[Order]:
    """One attempt at a time; a declined one may be followed by another, under another id."""
    if wish.payment_id in state.attempted:
        return Decision(state, reply_with(state))
    match state.status:
        case "complete":
            return refuse(state, ALREADY_PAID)
        case "cancelled":
            return refuse(state, ORDER_CANCELLED)
        case "awaiting:payment" if wish.method.checkout and waits_on_page(state):
            return Decision(state, reply_with(state))  # the same page again, not a second one
        case "awaiting:payment":
            return refuse(state, PAYMENT_IN_PROGRESS)
    if len(state.attempted) >= ATTEMPTS_MAX:
        return refuse(state, TOO_MANY_PAYMENTS)
    assert state.ticket is not None, "a stored order has a ticket"
    attempt = PaymentRecord(
        status="processing",
        attempt=attempt_of(state) + 1,
        payment_id=wish.payment_id,
        amount=state.ticket.price,
    )
    new = state.next(status="awaiting:payment", payment=attempt, attempted=(*state.attempted, wish.payment_id))
    request = PaymentRequested(
        order_id=state.id,
        attempt=attempt.attempt,
        payment_id=wish.payment_id,
        amount=attempt.amount,
        title=state.ticket.title,
        method=wish.method,
    )
    return Decision(new, reply_with(new), (request,))


def complete(state: Order, event: PaymentCreated) -> Decision[Order]:
    """Money for an order that can be paid is a sale; for one that has ended it asks for the ticket once more."""
    if event.attempt in state.paid:
        return ignore(state)
    payment = PaymentRecord(
        status="paid",
        attempt=event.attempt,
        payment_id=event.payment_id,
        amount=event.amount,
        stripe_id=event.stripe_id,
    )
    heard = (*state.paid, event.attempt)
    if state.status == "created" or (state.status == "awaiting:payment" and event.attempt == attempt_of(state)):
        new = state.next(status="complete", payment=payment, stopping=None, paid=heard)
        return Decision(new, events=(completed(new),))
    has_money = state.payment is not None and state.payment.status in ("paid", "refunding")
    if state.status == "cancelled" and not has_money:
        return claim(state, payment, heard)
    # Beside another payment of the same order it can buy nothing: it goes back at once.
    back = PaymentRefund(order_id=state.id, attempt=event.attempt)
    return Decision(state.next(paid=heard), events=(back,))


def claim(state: Order, paid: PaymentRecord, heard: tuple[int, ...]) -> Decision[Order]:
    """Ask the ticket whether it is still to be had, at the price paid."""
    assert state.ticket is not None, "a stored order has a ticket"
    assert state.user_id is not None, "a stored order has a buyer"
    wish = ClaimTicket(order_id=state.id, ticket_id=state.ticket.id, user_id=state.user_id, price=paid.amount)
    late = replace(paid, reason="The money came after the order had ended; asking whether the ticket is still there")
    return Decision(state.next(payment=late, claiming=True, paid=heard), events=(wish,))


def take_after_all(state: Order, event: TicketClaimed) -> Decision[Order]:
    """The ticket was still there: the order is a sale, under the new hold."""
    if event.hold_number <= state.hold_number:
        return ignore(state)
    if state.claiming and state.payment:
        paid = replace(state.payment, status="paid", reason=None)
        return Decision(state.next(status="complete", payment=paid, hold_number=event.hold_number, claiming=False))
    if state.status != "cancelled":
        return ignore(state)
    new = state.next(hold_number=event.hold_number)  # a claim from the past: its money has gone back already
    return Decision(new, events=(cancelled(new),))


def give_up_claim(state: Order) -> Decision[Order]:
    """Somebody else has the ticket: the late money goes back."""
    if not state.claiming or not state.payment:
        return ignore(state)
    reason = "The money came after the order had ended, and the ticket is gone"
    refunding = replace(state.payment, status="refunding", reason=reason)
    new = state.next(payment=refunding, claiming=False)
    return Decision(new, events=(PaymentRefund(order_id=state.id, attempt=refunding.attempt),))


def hear_of_attempt(state: Order, event: PaymentFailed | PaymentStopped | PaymentActionRequired) -> Decision[Order]:
    """The live attempt took no money, or waits for the buyer; news of any other attempt is history."""
    if state.status != "awaiting:payment" or event.attempt != attempt_of(state) or not state.payment:
        return ignore(state)
    match event:
        case PaymentActionRequired():
            action = replace(
                state.payment,
                status="requires_action",
                stripe_id=event.stripe_id,
                next_action=event.next_action,
            )
            return ignore(state) if action == state.payment else Decision(state.next(payment=action))
        case PaymentFailed():
            failed = replace(
                state.payment,
                status="failed",
                stripe_id=event.stripe_id,
                code=event.code,
                reason=event.reason,
                next_action=None,
            )
        case PaymentStopped():
            reason = "Stopped: the order ended before it was paid"
            failed = replace(state.payment, status="failed", code="stopped", reason=reason, next_action=None)
    if state.stopping:
        return end(state, failed, rang=state.stopping == "expired")
    return Decision(state.next(status="created", payment=failed))


def refund(state: Order, wish: RefundOrder) -> Decision[Order]:
    """The seller may give the money of a sale back; asking twice is asking once."""
    assert state.ticket is not None, "a stored order has a ticket"
    if wish.user_id != state.ticket.user_id:
        return refuse(state, NOT_THE_SELLER)
    if state.payment and state.payment.status == "refunding":
        return Decision(state, reply_with(state))
    if not state.payment or state.payment.status != "paid" or state.claiming:
        return refuse(state, ORDER_NOT_PAID)
    new = state.next(payment=replace(state.payment, status="refunding", reason="Refunded by the seller"))
    return Decision(new, reply_with(new), (PaymentRefund(order_id=state.id, attempt=attempt_of(state)),))


def hear_of_refund(state: Order, event: PaymentRefunded | PaymentRefundFailed) -> Decision[Order]:
    """Only money that is really back puts a sold ticket on sale again; a failed refund leaves the sale.

    A refund may fail days after it succeeded: the ticket is somebody else's by then, and the money has to go back.
    """
    payment = state.payment
    if isinstance(event, PaymentRefundFailed) and event.attempt in state.paid and event.attempt != attempt_of(state):
        again = PaymentRefund(order_id=state.id, attempt=event.attempt)  # it bought nothing, so it has to go back
        return Decision(state.next(), events=(again,))
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
    if state.status == "cancelled":
        waiting = replace(payment, status="refunding", reason=NOT_ARRIVED)
        ask = PaymentRefund(order_id=state.id, attempt=payment.attempt)
        return Decision(state.next(payment=waiting), events=(ask,))
    kept = replace(payment, status="paid", reason=event.reason)
    return ignore(state) if kept == payment else Decision(state.next(payment=kept))


def settled(state: Order, question: OrderSettled) -> Decision[Order]:
    """Answer when nobody waits for Stripe any more, or the asker's own attempt waits for the asker."""
    payment = state.payment
    waits_for_buyer = (
        payment is not None
        and payment.status == "requires_action"
        and payment.payment_id == question.payment_id
        and not state.stopping
    )
    if state.status == "awaiting:payment" and not waits_for_buyer:
        return hold(state)
    return Decision(state, reply_with(state))


def waits_on_page(state: Order) -> bool:
    """Whether Stripe's page is open for the buyer."""
    action = state.payment.next_action if state.payment else None
    return action is not None and action.kind == "checkout" and not state.stopping
