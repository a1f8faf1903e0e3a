"""The rules of an order: from a grant to a sale, or back on sale.

(grant) -> created -> awaiting:payment -> complete <-> cancelled   (by a refund, and back by late money)
              |   <- (declined) |
              +----> cancelled <+   (only Stripe's answer leaves awaiting:payment)
"""

from datetime import datetime, timedelta
from typing import Literal

from actors.contract import (
    NOT_THE_BUYER,
    ORDER_COMPLETE,
    ORDER_NOT_FOUND,
    ORDERS,
    CancelOrder,
    Command,
    Decision,
    Event,
    ExpirationComplete,
    Grant,
    Id,
    Message,
    OrderCreated,
    OrderSettled,
    PaymentActionRequired,
    PaymentCreated,
    PaymentFailed,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentStop,
    PaymentStopped,
    PayOrder,
    Query,
    RefundOrder,
    TicketClaimed,
    TicketClaimRefused,
    TicketRecord,
    TicketUpdated,
    ignore,
    refuse,
)
from actors.order_late_money import complete, give_up_claim, take_after_all
from actors.order_payment import hear_of_attempt, pay, settled
from actors.order_refunds import hear_of_refund, refund
from actors.order_state import Order, attempt_of, cancelled, end, reply_with


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
            case TicketClaimed():
                return take_after_all(state, message)
            case TicketClaimRefused():
                return give_up_claim(state)
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
        further_holds=0,
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
    new = state.under(grant.hold_number)
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
            return end(state, rang=True)
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
