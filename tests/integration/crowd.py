"""A crowd of buyers who all press the button in the same moment."""

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass

import httpx
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

    @property
    def code(self) -> str:
        """The refusal's code, or `granted`."""
        errors = self.body.get("errors")
        return errors[0]["code"] if isinstance(errors, list) else "granted"


def list_tickets(office: Office, count: int) -> list[str]:
    """`count` new tickets on sale."""

    async def listed() -> list[str]:
        limits = httpx.Limits(max_connections=8)
        async with httpx.AsyncClient(base_url=office.url, timeout=120, limits=limits) as client:
            return await asyncio.gather(*(_list(client, office, n) for n in range(count)))

    return asyncio.run(listed())


def rush(office: Office, ticket_ids: list[str], buyers: int) -> list[Attempt]:
    """`buyers` people reserve at once, spread evenly over the tickets; who hears 503 or 500 asks again.

    The one retry rule of any buyer's client: an answer that tells nothing is repeated under the same key.
    """
    return asyncio.run(_rush(office, ticket_ids, buyers))


def outcomes(attempts: list[Attempt]) -> Counter[str]:
    """How many got what."""
    return Counter(attempt.code for attempt in attempts)


async def _rush(office: Office, ticket_ids: list[str], buyers: int) -> list[Attempt]:
    limits = httpx.Limits(max_connections=buyers)
    async with httpx.AsyncClient(base_url=office.url, timeout=120, limits=limits) as client:
        return await asyncio.gather(*(_buy(client, office, ticket_ids[n % len(ticket_ids)]) for n in range(buyers)))


async def _list(client: httpx.AsyncClient, office: Office, n: int) -> str:
    answer = await _post(client, office, ObjectId(), "/api/tickets", {"title": f"seat {n}", "price": 19.99})
    ticket_id: str = answer.raise_for_status().json()["id"]
    return ticket_id


async def _buy(client: httpx.AsyncClient, office: Office, ticket_id: str) -> Attempt:
    user_id = ObjectId()
    answer = await _post(client, office, user_id, "/api/orders", {"ticketId": ticket_id})
    return Attempt(user_id, ticket_id, answer.status_code, answer.json())


async def _post(
    client: httpx.AsyncClient, office: Office, user_id: ObjectId, path: str, body: dict[str, object]
) -> httpx.Response:
    """Ask, and ask again under the same key as long as the answer tells nothing."""
    headers = {"Cookie": f"session={office.session(user_id)}", "Idempotency-Key": str(user_id)}
    for _ in range(TRIES_MAX):
        with contextlib.suppress(httpx.TransportError):
            answer = await client.post(path, json=body, headers=headers)
            if answer.status_code < 500:
                return answer
        await asyncio.sleep(AGAIN_S)
    raise AssertionError(f"no answer for {path} of {body} after {TRIES_MAX} tries")


async def hang_up(office: Office, ticket_ids: list[str], clients: int) -> None:
    """`clients` people ask for a ticket and are gone after a few milliseconds, in the middle of their request."""

    async def one(n: int) -> None:
        headers = {"Cookie": f"session={office.session(ObjectId())}"}
        async with httpx.AsyncClient(
            base_url=office.url, timeout=httpx.Timeout(10, read=0.001 * (1 + n % 30))
        ) as client:
            with contextlib.suppress(httpx.TransportError):
                await client.post("/api/orders", json={"ticketId": ticket_ids[n % len(ticket_ids)]}, headers=headers)

    await asyncio.gather(*(one(n) for n in range(clients)))
