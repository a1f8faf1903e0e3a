"""Replicas refuse in a ticket's name, and stop before it is free: who reads that it is, gets it."""

import asyncio

import httpx
from bson import ObjectId

from tests.integration.crowd import list_tickets
from tests.integration.office import Office
from tests.waiting import wait_for

ROUNDS = {"shared": 15, "dedicated": 3}
"""By placement: with dedicated actors there are no leases, and every order is a process that must start."""

CROWD = 24
"""Connections, so many that every replica gets some of them."""

RIVALS = 6


async def ask(office: Office, ticket_id: str, count: int) -> list[httpx.Response]:
    """The answers to as many strangers, each on a connection of his own; none has a key, so none is a repetition."""

    async def one() -> httpx.Response:
        async with httpx.AsyncClient(base_url=office.url, timeout=30) as client:
            headers = {"Cookie": f"session={office.session(ObjectId())}"}
            return await client.post("/api/orders", json={"ticketId": ticket_id}, headers=headers)

    return await asyncio.gather(*(one() for _ in range(count)))


def codes(answers: list[httpx.Response]) -> list[str]:
    """What each was told."""
    return sorted("granted" if each.status_code == 201 else each.json()["errors"][0]["code"] for each in answers)


def test_a_ticket_that_reads_free_is_refused_to_nobody(office: Office) -> None:
    [ticket_id] = list_tickets(office, 1)

    def is_free() -> bool:
        return office.mongo.tickets.count_documents({"_id": ObjectId(ticket_id), "hold": {"$exists": False}}) == 1

    for _ in range(ROUNDS[office.placement]):
        # Given a ticket that somebody has, as all replicas know,
        with office.person() as holder:
            order = holder.client.post("/api/orders", json={"ticketId": ticket_id}).raise_for_status().json()
            assert codes(asyncio.run(ask(office, ticket_id, CROWD))) == ["ticket_reserved"] * CROWD

            # when the holder gives it back,
            holder.client.delete(f"/api/orders/{order['id']}").raise_for_status()
        wait_for("the ticket back on sale", is_free, every_s=0.001)

        # then the first who asks now has it, whichever replica he asks.
        answers = asyncio.run(ask(office, ticket_id, RIVALS))
        assert codes(answers) == ["granted"] + ["ticket_reserved"] * (RIVALS - 1)
        give_back(office, answers)
        wait_for("the ticket back on sale", is_free, every_s=0.001)


def give_back(office: Office, answers: list[httpx.Response]) -> None:
    """Cancel what was granted among `answers`."""
    for answer in answers:
        if answer.status_code == 201:
            cookie = {"Cookie": answer.request.headers["Cookie"]}
            with office.client() as client:
                client.delete(f"/api/orders/{answer.json()['id']}", headers=cookie).raise_for_status()
