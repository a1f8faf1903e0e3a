"""Seeded tickets are such as the office reads them."""

from bson import ObjectId

from actors.runtime.clock import SystemClock
from actors.runtime.snapshot import from_stored
from actors.ticket import Ticket, TicketBehaviour
from serve_app import views
from tests.benchmarks import seeding


def test_a_seeded_ticket_is_on_sale_and_has_nothing_left_to_say() -> None:
    ticket_id, now = ObjectId(), SystemClock().now()
    document = seeding.listed(ticket_id, "Row 1", now)
    snapshot = from_stored(document, TicketBehaviour())
    assert snapshot.outbox == ()
    assert isinstance(snapshot.state, Ticket)
    assert snapshot.state.exists
    assert snapshot.state.hold is None
    assert views.ticket(document)["price"] == seeding.PRICE / 100
