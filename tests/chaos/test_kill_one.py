"""`kill -9` of any one process: the system comes back by itself, and every acknowledged change is there."""

import contextlib
import time

import httpx
import pytest
from bson import ObjectId

from actors.contract import SERVICES
from tests.chaos.persistent import buy_and_pay, eventually, reserve
from tests.chaos.victims import kill, mongod, rush_while_it_dies, sandbox_of, supervisor, titled
from tests.integration.crowd import assert_sold_once, list_tickets
from tests.integration.money import ledger_of
from tests.integration.office import Office
from tests.waiting import wait_for

LOOKS_FOR_S = 3
"""How long a supervisor's driver looks for MongoDB; see `opening.open_database`."""


def test_killing_the_tickets_supervisor_in_the_middle_of_a_rush(office: Office) -> None:
    # Given 500 buyers for 250 tickets,
    ticket_ids = list_tickets(office, 250)
    victim = supervisor(office, "tickets")

    # when the supervisor dies as soon as the first of them has his,
    attempts = rush_while_it_dies(office, victim, ticket_ids, 500)

    # then whoever was told 201 has the ticket, and nobody else does: another process went on.
    assert_sold_once(office, ticket_ids, attempts)
    assert supervisor(office, "tickets").pid != victim.pid


def test_killing_mongod_in_the_middle_of_a_rush(office: Office) -> None:
    # Given 500 buyers for 250 tickets,
    ticket_ids = list_tickets(office, 250)
    victim = mongod(office)

    # when the database dies as soon as the first of them has his,
    attempts = rush_while_it_dies(office, victim, ticket_ids, 500)

    # then its successor has everything that anybody was told, before the end or after it, and business goes on.
    assert mongod(office).pid != victim.pid
    assert_sold_once(office, ticket_ids, attempts)
    for winner in (each for each in attempts if each.status == 201):
        order = office.mongo.orders.find_one({"_id": ObjectId(str(winner.body["id"]))})
        assert order is not None, f"the order {winner.body['id']} is lost"
        assert order["userId"] == winner.user_id
    buy_and_pay(office)


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_supervisor_is_replaced_and_goes_on(office: Office, service: str) -> None:
    old = kill(supervisor(office, service))

    buy_and_pay(office)

    assert supervisor(office, service).pid != old


def test_a_supervisor_that_starts_while_mongod_is_silent_waits_for_it(office: Office) -> None:
    # Given a database that says nothing,
    database = mongod(office)
    database.suspend()
    try:
        # when a supervisor dies, and its successor has been waiting for longer than the driver looks for a server,
        kill(supervisor(office, "expiration"))
        successor = supervisor(office, "expiration")
        age_s = LOOKS_FOR_S + 2
        wait_for("a successor that waits", lambda: time.time() - successor.create_time() > age_s, age_s + 10)
    finally:
        database.resume()

    # then it is this one that serves from now on: Ray starts nobody again who fails as he begins.
    buy_and_pay(office)
    assert supervisor(office, "expiration").pid == successor.pid


def test_a_killed_replica_is_replaced_and_the_other_one_answers(office: Office) -> None:
    [ticket_id] = list_tickets(office, 1)
    victim, *others = titled(office, "ray::ServeReplica")
    assert len(others) == 1

    kill(victim)

    with office.person() as buyer:
        order = eventually(lambda: reserve(buyer, ticket_id), "a reservation")
    assert office.mongo.orders.find_one({"_id": ObjectId(str(order["id"]))})
    wait_for("two replicas again", lambda: len(titled(office, "ray::ServeReplica")) == 2, 60)
    assert victim.pid not in {each.pid for each in titled(office, "ray::ServeReplica")}


def test_a_killed_sandbox_is_replaced_and_remembers_its_payments(office: Office) -> None:
    # Given a payment at a Stripe that dies,
    paid = buy_and_pay(office)
    order_id = str(paid["orderId"])
    old = kill(sandbox_of(office))

    # then whoever wants nothing of Stripe notices nothing,
    with office.person() as visitor:
        assert visitor.client.get("/api/tickets").status_code == 200
    # the money is in the books of its successor, once, under the name that we know it by,
    [row] = wait_for("the payment in the books of the next sandbox", lambda: entries_of(office, order_id), 60)
    assert (row["captured"], row["refunded"]) == (1234, 0)
    order = office.mongo.orders.find_one({"_id": ObjectId(order_id)})
    assert order is not None
    assert order["payment"]["stripeId"] == paid["stripeId"] == row["payment_intent"]
    # and business goes on.
    assert sandbox_of(office).pid != old
    buy_and_pay(office)


def entries_of(office: Office, order_id: str) -> list[dict[str, object]]:
    """What Stripe's books say of an order; nothing while there is no Stripe."""
    with contextlib.suppress(httpx.TransportError):
        return ledger_of(office, order_id)
    return []
