"""The peer answers in the very shapes that the office answers in: otherwise the two could not be compared."""

from datetime import UTC, datetime, timedelta

from bson import ObjectId

from serve_app import views as ours
from tests.benchmarks import seeding
from tests.benchmarks.peer import server, views

NOW = datetime(2030, 1, 2, 3, 4, 5, 678_000, UTC)


def test_a_ticket_looks_the_same() -> None:
    ticket_id = ObjectId()
    listed = seeding.listed(ticket_id, seeding.title(7), NOW)
    assert views.ticket(server.listed(ticket_id, 7, NOW)) == ours.ticket(listed)


def test_a_held_ticket_looks_the_same() -> None:
    ticket_id, order_id = ObjectId(), ObjectId()
    listed = seeding.listed(ticket_id, seeding.title(7), NOW)
    held = server.listed(ticket_id, 7, NOW) | {"orderId": order_id}
    assert views.ticket(held) == ours.ticket(listed | {"hold": {"orderId": order_id}})


def test_an_order_looks_the_same() -> None:
    ticket = {"id": ObjectId(), "title": "Row 1", "price": 1999, "userId": ObjectId(), "version": 1}
    order = {"_id": ObjectId(), "status": "created", "userId": ObjectId(), "version": 0, "ticket": ticket}
    order["expiresAt"] = NOW + timedelta(minutes=15)
    assert views.order(order) == ours.order(order)
    assert list(views.order(order)) == list(ours.order(order))
