"""Snapshots as facts, read from just what the actors store."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from msgspec.structs import replace

from actors.contract import Grant, PaymentMethod, PaymentRecord, TicketRecord
from actors.order_state import Order as StoredOrder
from actors.payment_state import Attempt as StoredAttempt, Payment as StoredPayment
from actors.runtime.codec import to_document
from actors.ticket import Hold as StoredHold, Ticket as StoredTicket
from cluster.audit.facts import Attempt, Hold, Order, Ticket
from cluster.audit.snapshots import ForeignDocument, attempts_of, order_of, read, ticket_of

KEY, TICKET, HIM = ObjectId(), ObjectId(), ObjectId()
END = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(minutes=15)


def test_a_ticket_as_it_is_stored() -> None:
    free = StoredTicket(id=TICKET, version=0, title="seat", price=1999, user_id=HIM)
    assert ticket_of(to_document(free)) == Ticket(id=TICKET)
    hold = StoredHold(order_id=KEY, user_id=HIM, hold_number=3)
    held = StoredTicket(id=TICKET, version=4, hold=hold, hold_number=3, sold=True, user_id=HIM)
    found = Hold(order_id=KEY, user_id=HIM, number=3)
    assert ticket_of(to_document(held)) == Ticket(id=TICKET, sold=True, hold=found, holds=3)
    assert isinstance(hold, Grant)


def test_an_order_as_it_is_stored() -> None:
    record = TicketRecord(id=TICKET, title="seat", price=1999, user_id=ObjectId(), version=1)
    stored = StoredOrder(id=KEY, version=0, user_id=HIM, hold_number=2, ticket=record, expires_at=END)
    facts = Order(
        id=KEY, ticket_id=TICKET, user_id=HIM, status="created", hold_number=2, price=1999, expires_at=END, payment=None
    )
    assert order_of(to_document(stored)) == facts
    paid = PaymentRecord(status="paid", attempt=1, payment_id=ObjectId(), amount=1999, stripe_id="pi_1")
    assert order_of(to_document(stored.next(payment=paid))).payment == "paid"


def test_attempts_as_they_are_stored_say_since_when_their_money_goes_back() -> None:
    stored = StoredAttempt(
        number=2, payment_id=ObjectId(), amount=1999, method=PaymentMethod(token="tok_visa"), since=END
    )
    back = replace(stored, number=1, phase="refunding", stripe_id="pi_1", refunds=2)
    kept, unknown = replace(stored, phase="succeeded", stripe_id="pi_2"), stored
    found = attempts_of(to_document(StoredPayment(id=KEY, version=3, attempt=kept, past=(back, unknown))))
    assert found == (
        Attempt(order_id=KEY, stripe_id="pi_2"),
        Attempt(order_id=KEY, stripe_id="pi_1", returning_since=END, refunds=2),
    )


@pytest.mark.parametrize("document", [{"_id": 7}, {"_id": 7, "sold": True, "holdNumber": 1, "hold": "him"}])
def test_a_document_of_somebody_else_is_named(document: dict[str, object]) -> None:
    with pytest.raises(ForeignDocument, match="tickets/7"):
        list(read("tickets", ticket_of, [document]))
