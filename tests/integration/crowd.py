"""A crowd of buyers who all press the button in the same moment.

They ask through aiohttp: where hundreds wait for a connection, httpx takes a core for itself to look for one.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
from bson import ObjectId

from tests.integration.office import Office

TRIES_MAX, AGAIN_S = 120, 0.25
"""How often a client asks again, and how many seconds it waits in between."""


@dataclass(frozen=True)
class Attempt:
    """What one buyer got."""

    user_id: ObjectId
    ticket_id: str
    status: int
    body: dict[str, object]
    answered_s: float
    """When the answer came, in seconds of the monotonic clock."""

    @property
    def code(self) -> str:
        """The refusal's code, or `granted`."""
        errors = self.body.get("errors")
        return errors[0]["code"] if isinstance(errors, list) else "granted"


def list_tickets(office: Office, count: int) -> list[str]:
    """`count` new tickets on sale."""

    async def listed() -> list[str]:
        async with client_of(office, connections=8) as client:
            return await asyncio.gather(*(_list(client, office, n) for n in range(count)))

    return asyncio.run(listed())


def client_of(office: Office, connections: int) -> aiohttp.ClientSession:
    """Asks the office over so many connections at most."""
    connector, timeout = aiohttp.TCPConnector(limit=connections), aiohttp.ClientTimeout(total=120)
    return aiohttp.ClientSession(office.url, connector=connector, timeout=timeout)


def rush(
    office: Office, ticket_ids: list[str], buyers: int, told: Callable[[Attempt], None] = lambda _: None
) -> list[Attempt]:
    """`buyers` people reserve at once, spread evenly over the tickets; who hears 503 or 500 asks again.

    The one retry rule of any buyer's client: an answer that tells nothing is repeated under the same key. `told` hears
    of each answer as it comes.
    """
    return asyncio.run(_rush(office, ticket_ids, buyers, told))


def outcomes(attempts: list[Attempt]) -> Counter[str]:
    """How many got what."""
    return Counter(attempt.code for attempt in attempts)


async def _rush(office: Office, ticket_ids: list[str], buyers: int, told: Callable[[Attempt], None]) -> list[Attempt]:
    async def attempt(n: int) -> Attempt:
        found = await _buy(client, office, ticket_ids[n % len(ticket_ids)])
        told(found)
        return found

    async with client_of(office, connections=buyers) as client:
        return await asyncio.gather(*(attempt(n) for n in range(buyers)))


async def _list(client: aiohttp.ClientSession, office: Office, n: int) -> str:
    status, body = await _post(client, office, ObjectId(), "/api/tickets", {"title": f"seat {n}", "price": 19.99})
    assert status == 201, body
    return str(body["id"])


async def _buy(client: aiohttp.ClientSession, office: Office, ticket_id: str) -> Attempt:
    user_id = ObjectId()
    status, body = await _post(client, office, user_id, "/api/orders", {"ticketId": ticket_id})
    return Attempt(user_id, ticket_id, status, body, answered_s=time.monotonic())


async def _post(
    client: aiohttp.ClientSession, office: Office, user_id: ObjectId, path: str, body: dict[str, object]
) -> tuple[int, dict[str, object]]:
    """Ask, and ask again under the same key as long as the answer tells nothing."""
    headers = {"Cookie": f"session={office.session(user_id)}", "Idempotency-Key": str(user_id)}
    for _ in range(TRIES_MAX):
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with client.post(path, json=body, headers=headers) as answer:
                if answer.status < 500:
                    return answer.status, await answer.json()
        await asyncio.sleep(AGAIN_S)
    raise AssertionError(f"no answer for {path} of {body} after {TRIES_MAX} tries")


async def hang_up(office: Office, ticket_ids: list[str], clients: int) -> None:
    """`clients` people ask for a ticket and are gone after a few milliseconds, in the middle of their request."""

    async def one(n: int) -> None:
        headers = {"Cookie": f"session={office.session(ObjectId())}"}
        patience = aiohttp.ClientTimeout(total=10, sock_read=0.001 * (1 + n % 30))
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            wish = {"ticketId": ticket_ids[n % len(ticket_ids)]}
            async with client.post("/api/orders", json=wish, headers=headers, timeout=patience):
                pass

    async with client_of(office, connections=clients) as client:
        await asyncio.gather(*(one(n) for n in range(clients)))


def assert_sold_once(office: Office, ticket_ids: list[str], attempts: list[Attempt]) -> None:
    """One winner a ticket; the database agrees with what they were told."""
    winners = {attempt.ticket_id: attempt for attempt in attempts if attempt.status == 201}
    assert sum(attempt.status == 201 for attempt in attempts) == len(winners) == len(ticket_ids)
    for ticket_id, winner in winners.items():
        ticket = office.mongo.tickets.find_one({"_id": ObjectId(ticket_id)})
        assert ticket is not None
        assert ticket["hold"]["userId"] == winner.user_id
        assert str(ticket["hold"]["orderId"]) == winner.body["id"]
        live = {"ticket.id": ObjectId(ticket_id), "status": {"$ne": "cancelled"}}
        assert office.mongo.orders.count_documents(live) == 1
