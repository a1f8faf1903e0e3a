"""Dedicated placement under `kill -9`: of a ticket's own process, and of the supervisor that all of them end with."""

import threading
from collections.abc import Iterator

import pytest
from bson import ObjectId

from tests.chaos.victims import kill, supervisor, titled
from tests.conftest import running
from tests.integration.crowd import list_tickets, rush
from tests.integration.office import Office
from tests.integration.test_contention import assert_sold_once
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office in which every live ticket and order is a Ray actor of its own."""
    settings = {"BOXOFFICE_PLACEMENT": "dedicated", "BOXOFFICE_DEDICATED_MAX": "80"}
    yield from running(Office(tmp_path_factory.mktemp("dedicated") / "data", settings))


def test_killing_the_tickets_supervisor_in_the_middle_of_a_rush(office: Office) -> None:
    # Given 500 buyers for 10 tickets,
    ticket_ids = list_tickets(office, 10)
    granted = {"_id": {"$in": [ObjectId(each) for each in ticket_ids]}, "hold": {"$exists": True}}

    # when the supervisor dies as soon as the first of them have theirs, and every ticket's process with it,
    def kill_in_the_middle() -> None:
        wait_for("the first grants", lambda: office.mongo.tickets.count_documents(granted) > 0, every_s=0.001)
        kill(supervisor(office, "tickets"))

    killer = threading.Thread(target=kill_in_the_middle)
    killer.start()
    attempts = rush(office, ticket_ids, 500)
    killer.join()

    # then whoever was told 201 has the ticket, and nobody else does.
    assert_sold_once(office, ticket_ids, attempts)


def test_a_killed_ticket_comes_back_as_it_was(office: Office) -> None:
    [ticket_id] = list_tickets(office, 1)
    [winner] = [each for each in rush(office, [ticket_id], 5) if each.status == 201]
    title = f"ray::ticket:{ticket_id}"
    victim = wait_for(f"a process called {title}", lambda: titled(office, title))[0]

    kill(victim)

    again = rush(office, [ticket_id], 5)
    assert {each.code for each in again} == {"ticket_reserved"}
    assert_sold_once(office, [ticket_id], [winner, *again])
