"""Thousands want the same ticket; exactly one gets it. Under both placements."""

import asyncio

from bson import ObjectId

from tests.integration.crowd import assert_sold_once, hang_up, list_tickets, outcomes, rush
from tests.integration.office import Office
from tests.waiting import wait_for

MANY = {"shared": 50, "dedicated": 15}
SOME = {"shared": 20, "dedicated": 8}
"""Tickets by placement: with dedicated actors each, and each order, is a process that must start."""


def test_500_buyers_for_one_ticket(office: Office) -> None:
    ticket_ids = list_tickets(office, 1)

    attempts = rush(office, ticket_ids, 500)

    assert outcomes(attempts) == {"granted": 1, "ticket_reserved": 499}
    assert_sold_once(office, ticket_ids, attempts)


def test_500_buyers_for_many_tickets(office: Office) -> None:
    many = MANY[office.placement]
    ticket_ids = list_tickets(office, many)

    attempts = rush(office, ticket_ids, 500)

    assert outcomes(attempts) == {"granted": many, "ticket_reserved": 500 - many}
    assert_sold_once(office, ticket_ids, attempts)


def test_every_hold_has_its_order_its_order_a_timer_and_nobody_a_payment(office: Office) -> None:
    ticket_ids = list_tickets(office, 5)

    rush(office, ticket_ids, 50)

    tickets = {"_id": {"$in": [ObjectId(each) for each in ticket_ids]}, "hold": {"$exists": True}}
    told = tickets | {"outbox.0": {"$exists": False}}
    wait_for("five tickets that have told their orders", lambda: office.mongo.tickets.count_documents(told) == 5)
    holders = [ticket["hold"]["orderId"] for ticket in office.mongo.tickets.find(tickets)]
    orders = {"_id": {"$in": holders}}
    assert office.mongo.orders.count_documents(orders | {"status": "created"}) == 5
    told = orders | {"outbox.0": {"$exists": False}}
    wait_for("five orders that have told their timers", lambda: office.mongo.orders.count_documents(told) == 5)
    assert office.mongo.expiration.count_documents(orders | {"due": {"$exists": True}}) == 5
    assert office.mongo.payments.count_documents(orders) == 0
    assert {ticket["version"] for ticket in office.mongo.tickets.find(tickets)} == {1}


def test_clients_that_hang_up_tear_nothing(office: Office) -> None:
    # Given 200 people who leave in the middle of asking for a few tickets,
    ticket_ids = list_tickets(office, SOME[office.placement])
    asyncio.run(hang_up(office, ticket_ids, 200))

    # when others ask for the same tickets,
    attempts = rush(office, ticket_ids, 60)

    # then everybody is answered, and every ticket is held by the one live order that it names.
    assert len(attempts) == 60
    wait_for(
        "the order of every hold, and no other",
        lambda: all(
            holder(office, each) is not None and live_orders(office, each) == [holder(office, each)]
            for each in ticket_ids
        ),
        deadline_s=90,  # under dedicated placement each of these orders is a process that must start first
    )


def holder(office: Office, ticket_id: str) -> ObjectId | None:
    """The order that the ticket says it is held by."""
    ticket = office.mongo.tickets.find_one({"_id": ObjectId(ticket_id)}) or {}
    order_id: ObjectId | None = ticket.get("hold", {}).get("orderId")
    return order_id


def live_orders(office: Office, ticket_id: str) -> list[ObjectId]:
    """The orders that claim the ticket."""
    claims = {"ticket.id": ObjectId(ticket_id), "status": {"$ne": "cancelled"}}
    return [each["_id"] for each in office.mongo.orders.find(claims)]
