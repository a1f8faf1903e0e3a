"""The rules of an order: from a grant to a sale, or back on sale.

(grant) -> created -> awaiting:payment -> complete -> (refund) -> cancelled
              |   <- (declined) |
              +----> cancelled <+   (only Stripe's answer leaves awaiting:payment)
"""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import field
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
    Command,
    Decision,
    Event,
    ExpirationComplete,
    Grant,
    Id,
    Message,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    OrderReply,
    OrderSettled,
    OrderStatus,
    PaymentActionRequired,
    PaymentCreated,
    PaymentFailed,
    PaymentRecord,
    PaymentRefund,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRequested,
    PaymentStop,
    PaymentStopped,
    PayOrder,
    Query,
    RefundOrder,
    State,
    TicketRecord,
    TicketUpdated,
    hold,
    ignore,
    refuse,
)


class Order(State, frozen=True, kw_only=True):
    """One order. It is created by a ticket's grant and ends complete or cancelled."""

    id: Id = field(name="_id")
    status: OrderStatus = "created"
    user_id: Id | None = None
    hold_number: int = 0
    ticket: TicketRecord | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    payment: PaymentRecord | None = None
    attempted: tuple[Id, ...] = ()
    """The ids of all payment attempts so far: one id is good for one attempt."""

    stopping: Literal["cancelled", "expired"] | None = None
    """Why the live payment attempt was asked to stop."""


class OrderBehaviour:
    """Decides what an order does; `window` is how long a buyer has to pay."""

    service = ORDERS
    state_type = Order

    def __init__(self, window: timedelta) -> None:
        """Give every new order `window` until it expires."""
        self.window = window

    def empty(self, key: Id) -> Order:
        """The order no ticket has granted."""
        return Order(id=key)

    def due(self, state: Order) -> datetime | None:
        """Orders do not look at clocks: their timer does."""
        return None

    def decide(self, state: Order, message: Message, now: datetime) -> Decision[Order]:
        """Answer one message; see the functions below for the rules."""
        match message:
            case TicketUpdated(grant=Grant() as grant, ticket=ticket):
                return receive(state, grant, ticket, now, self.window)
            case Command() | Query() if not state.exists:
                return refuse(state, ORDER_NOT_FOUND)
            case Event() if not state.exists:
                raise LookupError(f"{type(message).__name__} for an order that was never granted")
            case CancelOrder() | PayOrder() if message.user_id != state.user_id:
                return refuse(state, NOT_THE_BUYER)
            case CancelOrder():
                return give_back(state)
            case PayOrder():
                return pay(state, message)
            case RefundOrder():
                return refund(state, message)
            case OrderSettled():
                return settled(state, message)
            case ExpirationComplete():
                return expire(state)
            case PaymentCreated():
                return complete(state, message)
            case PaymentFailed() | PaymentStopped() | PaymentActionRequired():
                return hear_of_attempt(state, message)
            case PaymentRefunded() | PaymentRefundFailed():
                return hear_of_refund(state, message)
        raise TypeError(f"an order does not understand {type(message).__name__}")


def receive(state: Order, grant: Grant, ticket: TicketRecord, now: datetime, window: timedelta) -> Decision[Order]:
    """A grant brings the order into being; to one that is over, the hold goes straight back."""
    if state.exists:
        return answer_again(state, grant, ticket)
    new = state.next(
        user_id=grant.user_id,
        hold_number=grant.hold_number,
        ticket=ticket,
        created_at=now,
        expires_at=now + window,
    )
    created = OrderCreated(order_id=new.id, hold_number=new.hold_number, ticket_id=ticket.id, expires_at=now + window)
    return Decision(new, reply_with(new), (created,))


def answer_again(state: Order, grant: Grant, ticket: TicketRecord) -> Decision[Order]:
    """A hold that was granted after the order had ended goes straight back."""
    assert state.ticket is not None, "a stored order has a ticket"
    if ticket.id != state.ticket.id:
        raise LookupError(f"order {state.id} is for ticket {state.ticket.id} and cannot take {ticket.id} as well")
    if state.status != "cancelled" or grant.hold_number <= state.hold_number:
        return Decision(state, reply_with(state))
    new = state.next(hold_number=grant.hold_number)
    return Decision(new, reply_with(new), (cancelled(new),))


def give_back(state: Order) -> Decision[Order]:
    """The buyer no longer wants the ticket: fine at any time before it is paid."""
    match state.status:
        case "created":
            return end(state)
        case "awaiting:payment":
            return stop_paying(state, "cancelled")
        case "complete":
            return refuse(state, ORDER_COMPLETE)
        case "cancelled":
            return Decision(state, reply_with(state))


def expire(state: Order) -> Decision[Order]:
    """The timer's word is obeyed, unless the money was faster."""
    match state.status:
        case "created":
            return end(state)
        case "awaiting:payment":
            return stop_paying(state, "expired")
        case "complete" | "cancelled":
            return ignore(state)


def stop_paying(state: Order, why: Literal["cancelled", "expired"]) -> Decision[Order]:
    """Ask to end the live attempt; its last word decides between complete and cancelled."""
    if state.stopping:
        return Decision(state, reply_with(state))
    new = state.next(stopping=why)
    return Decision(new, reply_with(new), (PaymentStop(order_id=state.id, attempt=attempt_of(state)),))


def pay(state: Order, wish: PayOrder) -> Decision[Order]:
    """One attempt at a time; a declined one may be followed by another, under another id."""
    if wish.payment_id in state.attempted:
        return Decision(state, reply_with(state))
    match state.status:
        case "complete":
            return refuse(state, ALREADY_PAID)
        case "cancelled":
            return refuse(state, ORDER_CANCELLED)
        case "awaiting:payment":
            return refuse(state, PAYMENT_IN_PROGRESS)
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
        method=wish.method,
    )
    return Decision(new, reply_with(new), (request,))


def complete(state: Order, event: PaymentCreated) -> Decision[Order]:
    """Money for an order that can be paid is a sale; any other money goes back."""
    if state.status == "complete" and event.attempt == attempt_of(state):
        return ignore(state)
    paid = PaymentRecord(
        status="paid",
        attempt=event.attempt,
        payment_id=event.payment_id,
        amount=event.amount,
        stripe_id=event.stripe_id,
    )
    if state.status == "created" or (state.status == "awaiting:payment" and event.attempt == attempt_of(state)):
        new = state.next(status="complete", payment=paid, stopping=None)
        return Decision(new, events=(completed(new),))
    return send_back(state, paid)


def send_back(state: Order, paid: PaymentRecord) -> Decision[Order]:
    """Refund money that came for an order that cannot use it, and show it where nothing else is shown."""
    known = state.payment and state.payment.attempt == paid.attempt
    if known and state.payment and state.payment.status in ("refunding", "refunded"):
        return ignore(state)
    refunding = replace(paid, status="refunding", reason="The money came after the order had ended")
    new = state.next(payment=refunding) if state.status == "cancelled" else state.next()
    return Decision(new, events=(PaymentRefund(order_id=state.id, attempt=paid.attempt),))


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
    return end(state, failed) if state.stopping else Decision(state.next(status="created", payment=failed))


def end(state: Order, payment: PaymentRecord | None = None) -> Decision[Order]:
    """The order is over without a sale."""
    new = state.next(status="cancelled", stopping=None, payment=payment or state.payment)
    return Decision(new, reply_with(new), (cancelled(new),))


def refund(state: Order, wish: RefundOrder) -> Decision[Order]:
    """The seller may give the money of a sale back; asking twice is asking once."""
    assert state.ticket is not None, "a stored order has a ticket"
    if wish.user_id != state.ticket.user_id:
        return refuse(state, NOT_THE_SELLER)
    if state.payment and state.payment.status == "refunding":
        return Decision(state, reply_with(state))
    if not state.payment or state.payment.status != "paid":
        return refuse(state, ORDER_NOT_PAID)
    new = state.next(payment=replace(state.payment, status="refunding", reason="Refunded by the seller"))
    return Decision(new, reply_with(new), (PaymentRefund(order_id=state.id, attempt=attempt_of(state)),))


def hear_of_refund(state: Order, event: PaymentRefunded | PaymentRefundFailed) -> Decision[Order]:
    """Only money that is really back puts a sold ticket on sale again; a failed refund leaves the sale."""
    payment = state.payment
    if not payment or event.attempt != payment.attempt or payment.status not in ("paid", "refunding"):
        return ignore(state)
    if isinstance(event, PaymentRefundFailed):
        kept = replace(payment, status="paid", reason=event.reason)
        return ignore(state) if kept == payment else Decision(state.next(payment=kept))
    refunded = replace(payment, status="refunded")
    if state.status == "complete":
        return end(state, refunded)
    return Decision(state.next(payment=refunded))


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


def attempt_of(state: Order) -> int:
    """The number of the newest payment attempt, 0 before the first."""
    return state.payment.attempt if state.payment else 0


def cancelled(state: Order) -> OrderCancelled:
    """The news that this hold is over."""
    assert state.ticket is not None, "a stored order has a ticket"
    return OrderCancelled(order_id=state.id, hold_number=state.hold_number, ticket_id=state.ticket.id)


def completed(state: Order) -> OrderCompleted:
    """The news that this hold is a sale."""
    assert state.ticket is not None, "a stored order has a ticket"
    return OrderCompleted(order_id=state.id, hold_number=state.hold_number, ticket_id=state.ticket.id)


def reply_with(state: Order) -> OrderReply:
    """The order as its callers see it."""
    assert state.ticket and state.user_id and state.expires_at, "a stored order is whole"
    return OrderReply(
        order_id=state.id,
        status=state.status,
        user_id=state.user_id,
        expires_at=state.expires_at,
        version=state.version,
        ticket=state.ticket,
        payment=state.payment,
    )
