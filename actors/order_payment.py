"""The rules of paying for an order: one attempt at a time, each under an id of its own.

A declined attempt may be followed by another. Who asks how it ended hears when Stripe has spoken, or when it is he who
is waited for.
"""

from msgspec.structs import replace

from actors.contract import (
    ALREADY_PAID,
    ORDER_CANCELLED,
    PAYMENT_IN_PROGRESS,
    TOO_MANY_PAYMENTS,
    Decision,
    OrderSettled,
    PaymentActionRequired,
    PaymentFailed,
    PaymentRecord,
    PaymentRequested,
    PaymentStopped,
    PayOrder,
    answer_later,
    ignore,
    refuse,
)
from actors.order_state import Order, attempt_of, end, reply_with

ATTEMPTS_MAX = 20
"""Payments that are tried for one order: more than anybody needs, and too few to find out which stolen cards work."""

STOPPED = "Stopped: the order ended before it was paid"
"""Why the last attempt of an order that ended took no money."""


def pay(state: Order, wish: PayOrder) -> Decision[Order]:
    """One attempt at a time; a declined one may be followed by another, under another id."""
    return answer_at_once(state, wish) or begin(state, wish)


def answer_at_once(state: Order, wish: PayOrder) -> Decision[Order] | None:
    """May it be paid now? None if so; else why not, or the order as it is to who asked for this before."""
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
    return refuse(state, TOO_MANY_PAYMENTS) if len(state.attempted) >= ATTEMPTS_MAX else None


def begin(state: Order, wish: PayOrder) -> Decision[Order]:
    """The next attempt, at the price of the ticket as it was granted."""
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


def waits_on_page(state: Order) -> bool:
    """Whether Stripe's page is open for the buyer."""
    action = state.payment.next_action if state.payment else None
    return action is not None and action.kind == "checkout" and not state.stopping


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
            failed = replace(state.payment, status="failed", code="stopped", reason=STOPPED, next_action=None)
    if state.stopping:
        return end(state, failed, rang=state.stopping == "expired")
    return Decision(state.next(status="created", payment=failed))


def settled(state: Order, question: OrderSettled) -> Decision[Order]:
    """Answer when nobody waits for Stripe any more; the asker also when his attempt waits for him, or is over."""
    if state.status == "awaiting:payment" and state.payment:
        is_his = state.payment.payment_id == question.payment_id
        waits_for_him = is_his and state.payment.status == "requires_action" and not state.stopping
        is_over = not is_his and question.payment_id in state.attempted  # another follows only once it has failed
        if not waits_for_him and not is_over:
            return answer_later(state)
    return Decision(state, reply_with(state))
