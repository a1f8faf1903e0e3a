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
from cluster.audit.facts import Account, Attempt, Hold, Order, Ticket
from cluster.audit.snapshots import ForeignDocument, account_of, attempts_of, order_of, read, ticket_of

KEY, TICKET, HIM = ObjectId(), ObjectId(), ObjectId()
END = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(minutes=15)


def test_a_ticket_as_it_is_stored() -> None:
    free = StoredTicket(id=TICKET, version=0, title="seat", price=1999, user_id=HIM)
    assert ticket_of(to_document(free)) == Ticket(id=TICKET, price=1999)
    hold = StoredHold(order_id=KEY, user_id=HIM, hold_number=3)
    held = StoredTicket(id=TICKET, version=4, hold=hold, hold_number=3, sold=True, user_id=HIM)
    found = Hold(order_id=KEY, user_id=HIM, number=3)
    assert ticket_of(to_document(held)) == Ticket(id=TICKET, price=0, sold=True, hold=found, holds=3)
    assert isinstance(hold, Grant)


def test_an_order_as_it_is_stored() -> None:
    record = TicketRecord(id=TICKET, title="seat", price=1999, user_id=ObjectId(), version=1)
    stored = StoredOrder(id=KEY, version=0, user_id=HIM, hold_number=2, further_holds=0, ticket=record, expires_at=END)
    facts = Order(
        id=KEY, ticket_id=TICKET, user_id=HIM, status="created", hold_number=2, price=1999, expires_at=END, payment=None
    )
    assert order_of(to_document(stored)) == facts
    paid = PaymentRecord(status="paid", attempt=1, payment_id=ObjectId(), amount=1999, stripe_id="pi_1")
    found = order_of(to_document(stored.next(payment=paid)))
    assert (found.payment, found.stripe_id, found.amount) == ("paid", "pi_1", 1999)
    assert order_of(to_document(stored.under(3))).further_holds == 1
    old = replace(stored, further_holds=None)
    assert order_of(to_document(old.under(3))).further_holds is None, "of an earlier version nobody knows, ever"


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


def test_a_payment_is_stored_with_its_statuses_also_before_anything_was_tried() -> None:
    stopped = StoredPayment(id=KEY, version=0, stopped=1)
    assert account_of(to_document(stopped)) == Account(order_id=KEY, status="unknown")
    attempt = StoredAttempt(number=1, payment_id=ObjectId(), amount=1, method=PaymentMethod(), since=END)
    back = [replace(attempt, phase=phase, stripe_id=f"pi_{phase}") for phase in ("succeeded", "refunding", "refunded")]
    took = StoredPayment(id=KEY, status="closed", attempt=back[0], past=tuple(back[1:]))
    assert [stripe_id for stripe_id, _ in account_of(to_document(took)).takings] == [each.stripe_id for each in back]
    tried = StoredPayment(id=KEY, status="closed", attempt=attempt, past=(replace(attempt, phase="failed"),))
    assert account_of(to_document(tried)) == Account(order_id=KEY, status="closed", phases=("opening", "failed"))


A_TICKET = {"_id": TICKET, "price": 1, "sold": True, "holdNumber": 1}
AN_ORDER = {
    "_id": KEY,
    "ticket": {"id": TICKET, "price": 1},
    "userId": HIM,
    "status": "created",
    "holdNumber": 1,
    "expiresAt": END,
}


def test_what_need_not_be_there_is_not_missed() -> None:
    assert ticket_of(A_TICKET).hold is None
    assert order_of(AN_ORDER).payment is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"_id": 7}, "_id"),
        ({"sold": "yes"}, "sold"),
        ({"price": True}, "price"),
        ({"price": 12.5}, "price"),
        ({"holdNumber": None}, "holdNumber"),
        ({"hold": "him"}, "hold"),
        ({"hold": {"orderId": KEY, "userId": HIM, "holdNumber": "1"}}, "hold.holdNumber"),
        ({"hold": {"userId": HIM, "holdNumber": 1}}, "hold.orderId"),
    ],
)
def test_a_ticket_of_somebody_else_is_named_with_its_field(change: dict[str, object], field: str) -> None:
    document = A_TICKET | change
    with pytest.raises(ForeignDocument, match=rf"tickets/{document['_id']} \(field {field}\)"):
        list(read("tickets", ticket_of, [document]))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"expiresAt": "tomorrow"}, "expiresAt"),
        ({"holdNumber": "1"}, "holdNumber"),
        ({"ticket": {"id": "abc", "price": 1}}, "ticket.id"),
        ({"ticket": "abc"}, "ticket.id"),
        ({"ticket": {"id": TICKET, "price": "1"}}, "ticket.price"),
        ({"userId": None}, "userId"),
        ({"status": None}, "status"),
        ({"payment": {}}, "payment.status"),
        ({"payment": {"status": "paid", "stripeId": 7}}, "payment.stripeId"),
    ],
)
def test_an_order_of_somebody_else_is_named_with_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(ForeignDocument, match=rf"orders/{KEY} \(field {field}\)"):
        list(read("orders", order_of, [AN_ORDER | change]))


@pytest.mark.parametrize("attempt", ["pi_1", {"stripeId": "pi_1"}, {"phase": "refunding", "stripeId": "pi_1"}])
def test_a_payment_of_somebody_else_is_named(attempt: object) -> None:
    with pytest.raises(ForeignDocument, match=f"payments/{KEY}"):
        list(read("payments", attempts_of, [{"_id": KEY, "attempt": attempt}]))
