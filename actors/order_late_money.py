"""The rules of money that has come: in time it is a sale, and late money may still be one.

Who paid after the order had ended gets the ticket if it is still to be had; else the money goes back. So does money
beside other money: it can buy nothing.
"""

from msgspec.structs import replace

from actors.contract import (
    ClaimTicket,
    Decision,
    PaymentCreated,
    PaymentRecord,
    PaymentRefund,
    TicketClaimed,
    ignore,
)
from actors.order_state import Order, attempt_of, cancelled, completed


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
        return Decision(state.under(event.hold_number, status="complete", payment=paid, claiming=False))
    if state.status != "cancelled":
        return ignore(state)
    new = state.under(event.hold_number)  # a claim from the past: its money has gone back already
    return Decision(new, events=(cancelled(new),))


def give_up_claim(state: Order) -> Decision[Order]:
    """Somebody else has the ticket: the late money goes back."""
    if not state.claiming or not state.payment:
        return ignore(state)
    reason = "The money came after the order had ended, and the ticket is gone"
    refunding = replace(state.payment, status="refunding", reason=reason)
    new = state.next(payment=refunding, claiming=False)
    return Decision(new, events=(PaymentRefund(order_id=state.id, attempt=refunding.attempt),))
