"""What an order knows, and what it says of itself."""

from datetime import datetime
from typing import Any, Literal

from msgspec import field

from actors.contract import (
    Decision,
    Id,
    OrderCancelled,
    OrderCompleted,
    OrderReply,
    OrderStatus,
    PaymentRecord,
    State,
    TicketRecord,
)


class Order(State, frozen=True, kw_only=True):
    """One order. It is created by a ticket's grant and ends complete or cancelled."""

    id: Id = field(name="_id")
    status: OrderStatus = "created"
    user_id: Id | None = None
    hold_number: int = 0
    further_holds: int | None = None
    """Holds its ticket granted it after the first, for late money or by a late repetition: with them every hold that
    was ever granted is some order's, so that an order that got lost is missed. None where an earlier version made the
    order, which did not count."""

    ticket: TicketRecord | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    payment: PaymentRecord | None = None
    attempted: tuple[Id, ...] = ()
    """The ids of all payment attempts so far: one id is good for one attempt."""

    stopping: Literal["cancelled", "expired"] | None = None
    """Why the live payment attempt was asked to stop."""

    paid: tuple[int, ...] = ()
    """Attempts whose money was heard of, whatever it bought: hearing of it again is no news."""

    claiming: bool = False
    """Money came after its end, and the ticket was asked whether it is still to be had."""

    def under(self, hold_number: int, **changes: Any) -> "Order":  # noqa: ANN401  its fields
        """The next state, under another hold than before."""
        further = None if self.further_holds is None else self.further_holds + 1
        return self.next(hold_number=hold_number, further_holds=further, **changes)


def end(state: Order, payment: PaymentRecord | None = None, *, rang: bool = False) -> Decision[Order]:
    """The order is over without a sale; `rang` if its timer said so."""
    new = state.next(status="cancelled", stopping=None, payment=payment or state.payment)
    return Decision(new, reply_with(new), (cancelled(new, rang=rang),))


def attempt_of(state: Order) -> int:
    """The number of the newest payment attempt, 0 before the first."""
    return state.payment.attempt if state.payment else 0


def cancelled(state: Order, *, rang: bool = False) -> OrderCancelled:
    """The news that this hold is over."""
    assert state.ticket is not None, "a stored order has a ticket"
    return OrderCancelled(
        order_id=state.id,
        hold_number=state.hold_number,
        ticket_id=state.ticket.id,
        attempted=bool(state.attempted),
        rang=rang,
    )


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
