"""Dedicated placement under `kill -9`: of a ticket's own process, and of the supervisor that all of them end with."""

from collections.abc import Iterator

import pytest

from tests.chaos.victims import dedicated, kill, rush_while_it_dies, supervisor
from tests.conftest import running
from tests.integration.crowd import assert_sold_once, list_tickets, rush
from tests.integration.office import Office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office in which every live ticket and order is a Ray actor of its own."""
    settings = {"BOXOFFICE_PLACEMENT": "dedicated", "BOXOFFICE_DEDICATED_MAX": "80"}
    yield from running(Office(tmp_path_factory.mktemp("dedicated") / "data", settings))


def test_killing_the_tickets_supervisor_in_the_middle_of_a_rush(office: Office) -> None:
    # Given 500 buyers for 10 tickets,
    ticket_ids = list_tickets(office, 10)
    victim = supervisor(office, "tickets")

    # when the supervisor dies as soon as the first of them has his, and every ticket's process with it,
    attempts = rush_while_it_dies(office, victim, ticket_ids, 500)

    # then whoever was told 201 has the ticket, and nobody else does: another process went on.
    assert_sold_once(office, ticket_ids, attempts)
    assert supervisor(office, "tickets").pid != victim.pid


def test_a_killed_ticket_comes_back_as_it_was(office: Office) -> None:
    [ticket_id] = list_tickets(office, 1)
    [winner] = [each for each in rush(office, [ticket_id], 5) if each.status == 201]

    kill(dedicated(office, f"ticket:{ticket_id}"))

    again = rush(office, [ticket_id], 5)
    assert {each.code for each in again} == {"ticket_reserved"}
    assert_sold_once(office, [ticket_id], [winner, *again])
