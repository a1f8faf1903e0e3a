"""A thousand open pages in a process of their own, which does little more than note when what arrived."""

import asyncio
import re
import time
from array import array
from collections import defaultdict
from functools import lru_cache
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType

import psutil

READY_S = 60

Arrivals = dict[str, "array[float]"]
"""For each ticket that was reserved: when each page heard of it (seconds since 1970)."""


class Audience:
    """Pages that are open while this is entered."""

    def __init__(self, port: int, count: int, query: str = "") -> None:
        self.count = count
        self._pipe, theirs = get_context("spawn").Pipe()
        self._process: BaseProcess = get_context("spawn").Process(
            target=_run, args=(port, count, query, theirs), daemon=True
        )

    def __enter__(self) -> "Audience":
        self._process.start()
        assert self._pipe.poll(READY_S) and self._pipe.recv() == self.count, "not every page is open"
        return self

    def cpu_s(self) -> float:
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    def heard(self) -> Arrivals:
        """What arrived since the last question."""
        self._pipe.send("heard")
        assert self._pipe.poll(READY_S)
        found: Arrivals = self._pipe.recv()
        return found

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.join()


def _run(port: int, count: int, query: str, pipe: Connection) -> None:
    asyncio.run(_listen(port, count, query, pipe))


async def _listen(port: int, count: int, query: str, pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    arrivals: Arrivals = defaultdict(lambda: array("d"))
    pages: list[_Page] = []
    for _ in range(count):
        _, page = await loop.create_connection(lambda: _Page(query, arrivals), "127.0.0.1", port)
        pages.append(page)
    await asyncio.gather(*(page.greeted for page in pages))
    pipe.send(count)
    while True:
        await loop.run_in_executor(None, pipe.recv)
        pipe.send(dict(arrivals))
        arrivals.clear()


class _Page(asyncio.Protocol):
    def __init__(self, query: str, arrivals: Arrivals) -> None:
        self.greeted = asyncio.get_running_loop().create_future()
        self._query = query
        self._arrivals = arrivals
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(f"GET /api/stream{self._query} HTTP/1.1\r\nHost: office\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        now = time.time()
        # Whole events only; what frames the chunks lies between events.
        whole, end, rest = (self._rest + data).rpartition(b"\n\n")
        self._rest = rest
        if not self.greeted.done() and b"event: hello" in whole + end:
            self.greeted.set_result(None)
        for ticket_id in reserved(whole):
            self._arrivals[ticket_id].append(now)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.greeted.done():
            self.greeted.set_exception(error or ConnectionError(self._rest.decode()))


@lru_cache(512)
def reserved(text: bytes) -> tuple[str, ...]:
    """The tickets that were reserved for the first time; nearly all pages get the very same bytes."""
    return tuple(re.findall(r'"id":"([0-9a-f]{24})"[^\n]*"state":"reserved"', text.decode()))
