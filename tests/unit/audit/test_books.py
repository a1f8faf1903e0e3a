"""Snapshots as facts, read from just what the actors store."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from actors.contract import Grant, PaymentRecord, TicketRecord
from actors.order_state import Order as StoredOrder
from actors.runtime.codec import to_document
from actors.ticket import Hold as StoredHold, Ticket as StoredTicket
from cluster.audit.books import ForeignDocument, order_of, read, ticket_of
from cluster.audit.facts import Hold, Order, Ticket

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


@pytest.mark.parametrize("document", [{"_id": 7}, {"_id": 7, "sold": True, "holdNumber": 1, "hold": "him"}])
def test_a_document_of_somebody_else_is_named(document: dict[str, object]) -> None:
    with pytest.raises(ForeignDocument, match="tickets/7"):
        list(read("tickets", ticket_of, [document]))
