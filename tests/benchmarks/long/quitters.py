"""Clients that hang up in the middle of their requests, in a process of their own."""

import asyncio
import random
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self

STAYS_MAX_S = 0.06
"""How long one stays at the most after it has sent what it sends."""

AWAY_MAX_S = 0.1
"""How long it is away afterwards, so that it asks about as often as the clients that stay."""

READY_S = 30


class Quitters:
    """So many clients, for as long as this is entered."""

    def __init__(self, port: int, count: int, tickets: Sequence[str], sessions: Sequence[str]) -> None:
        """Ask for any of `tickets`, as any of the `sessions`."""
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(
            target=_run, args=(port, count, list(tickets), list(sessions), theirs), daemon=True
        )

    def __enter__(self) -> Self:
        """Let them loose."""
        self._process.start()
        return self

    def left(self) -> int:
        """How many requests were left since the last question."""
        self._pipe.send("left?")
        assert self._pipe.poll(READY_S), "the clients that hang up do not answer"
        count: int = self._pipe.recv()
        return count

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End them."""
        self._process.kill()
        self._process.join()


def _run(port: int, count: int, tickets: list[str], sessions: list[str], pipe: Connection) -> None:
    asyncio.run(_all(port, count, tickets, sessions, pipe))


async def _all(port: int, count: int, tickets: list[str], sessions: list[str], pipe: Connection) -> None:
    left = [0]

    async def quitter() -> None:
        while True:
            await _ask_and_leave(port, _request(random.choice(tickets), random.choice(sessions)))
            left[0] += 1
            await asyncio.sleep(random.uniform(0, AWAY_MAX_S))

    quitters = [asyncio.create_task(quitter()) for _ in range(count)]
    loop = asyncio.get_running_loop()
    while not any(each.done() for each in quitters):
        await loop.run_in_executor(None, pipe.recv)
        pipe.send(left[0])
        left[0] = 0
    await asyncio.gather(*quitters)


async def _ask_and_leave(port: int, request: bytes) -> None:
    """Send the whole request, or half of it, and leave before there is an answer, or just after."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request if random.random() < 0.5 else request[: -len(request) // 8])
    await asyncio.sleep(random.uniform(0, STAYS_MAX_S))
    writer.transport.abort()


def _request(ticket_id: str, session: str) -> bytes:
    body = f'{{"ticketId":"{ticket_id}"}}'
    head = f"POST /api/orders HTTP/1.1\r\nHost: office\r\nCookie: session={session}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
