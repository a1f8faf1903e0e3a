"""Replicas refuse in a ticket's name, while it can say nothing itself too, and stop before it is free."""

import asyncio
from dataclasses import dataclass, field
from time import monotonic

import httpx
import psutil
import pytest
from bson import ObjectId

from actors.runtime.lease import LEASE_FOR_S
from tests.chaos.victims import supervisor
from tests.integration.crowd import list_tickets
from tests.integration.office import Office, Person
from tests.tls import TLS
from tests.waiting import wait_for

ROUNDS = {"shared": 12, "dedicated": 2}
"""By placement: with dedicated actors there are no leases, and every order is a process that must start."""

STRANGERS = 8
"""Each on a connection of his own, so that every replica gets some of them."""

REFUSED_MIN = 40
"""Refusals until the ticket is given back: by then both replicas have leases, and new ones all the time."""

LEASE_S = LEASE_FOR_S - 0.1
"""How long a replica refuses in the name of a ticket that has stopped, if it has just got its lease."""

SCENES_S = 60
"""On a slow machine a lease may have run out by the time that somebody asks: then all of it is played again."""

Span = tuple[float, float]
"""When somebody asked, and when he was told."""


@dataclass
class Crowd:
    """Strangers who ask for a ticket again and again, without a key, until one of them gets it."""

    office: Office
    ticket_id: str
    refused: list[Span] = field(default_factory=list)
    granted: list[Span] = field(default_factory=list)
    order_cookies: dict[str, str] = field(default_factory=dict)

    async def ask(self) -> None:
        """One of them."""
        url, cookie = self.office.url, f"session={self.office.session(ObjectId())}"
        async with httpx.AsyncClient(base_url=url, timeout=30, headers={"Cookie": cookie}, verify=TLS) as client:
            while not self.granted:
                asked_s = monotonic()
                answer = await client.post("/api/orders", json={"ticketId": self.ticket_id})
                span = asked_s, monotonic()
                if answer.status_code == 201:
                    self.granted.append(span)
                    self.order_cookies[answer.json()["id"]] = cookie
                else:
                    assert answer.json()["errors"][0]["code"] == "ticket_reserved"
                    self.refused.append(span)


@pytest.fixture
def ticket_id(office: Office) -> str:
    [listed] = list_tickets(office, 1)
    return listed


def is_free(office: Office, ticket_id: str) -> bool:
    """Whether the ticket reads free."""
    return office.mongo.tickets.count_documents({"_id": ObjectId(ticket_id), "hold": {"$exists": False}}) == 1


async def give_back_in_the_middle(crowd: Crowd, holder: Person, order_id: str) -> float:
    """Let the holder cancel while the crowd asks; the moment when his ticket read free."""
    asking = asyncio.gather(*(crowd.ask() for _ in range(STRANGERS)))
    await asyncio.to_thread(wait_for, "refusals", lambda: len(crowd.refused) >= REFUSED_MIN or None)
    answer = await asyncio.to_thread(holder.client.delete, f"/api/orders/{order_id}")
    answer.raise_for_status()
    office, ticket_id = crowd.office, crowd.ticket_id
    await asyncio.to_thread(
        wait_for, "the ticket free", lambda: bool(crowd.granted) or is_free(office, ticket_id), every_s=0.001
    )
    free_s = monotonic()
    await asking
    return free_s


def test_a_ticket_that_reads_free_is_refused_to_nobody(office: Office, ticket_id: str) -> None:
    for _ in range(ROUNDS[office.placement]):
        with office.person() as holder:
            order = holder.client.post("/api/orders", json={"ticketId": ticket_id}).raise_for_status().json()
            crowd = Crowd(office, ticket_id)
            free_s = asyncio.run(give_back_in_the_middle(crowd, holder, order["id"]))

        # Who asked after that and was told no before anybody asked who got it was refused a free ticket.
        first_s = min(asked_s for asked_s, _ in crowd.granted)
        wrongly = [span for span in crowd.refused if span[0] > free_s and span[1] < first_s]
        assert not wrongly, f"the ticket read free at {free_s}, was granted from {first_s}, and refused at {wrongly}"

        for order_id, cookie in crowd.order_cookies.items():
            with office.client() as client:
                client.delete(f"/api/orders/{order_id}", headers={"Cookie": cookie}).raise_for_status()
        wait_for("the ticket back on sale", lambda: is_free(office, ticket_id), every_s=0.01)


@pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")
def test_a_ticket_is_refused_while_its_supervisor_can_say_nothing(office: Office, ticket_id: str) -> None:
    """The proof that there are leases at all: without them everything else would be right, too."""
    with office.person() as holder:
        holder.client.post("/api/orders", json={"ticketId": ticket_id}).raise_for_status()
    with office.person() as stranger:
        wait_for("a refusal by a replica alone", lambda: is_refused_by_a_lease(stranger, office, ticket_id), SCENES_S)


def is_refused_by_a_lease(stranger: Person, office: Office, ticket_id: str) -> bool:
    """Whether a replica that has just heard a refusal says the same while the ticket's process stands still."""

    def ask(patience_s: float) -> str:
        answer = stranger.client.post("/api/orders", json={"ticketId": ticket_id}, timeout=patience_s)
        return str(answer.json()["errors"][0]["code"])

    tickets = supervisor(office, "tickets")
    assert {ask(patience_s=30) for _ in range(REFUSED_MIN)} == {"ticket_reserved"}
    tickets.suspend()
    try:
        wait_for("a process that stands still", lambda: tickets.status() == psutil.STATUS_STOPPED, every_s=0.001)
        assert ask(LEASE_S) == "ticket_reserved"
    except httpx.TimeoutException:
        return False
    finally:
        tickets.resume()
    return True
