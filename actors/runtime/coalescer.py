"""Many small requests for one place become few large ones: bulk writes and reads alike."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from actors.runtime.tasks import spawn

Item = TypeVar("Item")
Result = TypeVar("Result")


class QueueFull(Exception):
    """Too many requests wait already; this one was not taken."""


class Coalescer(Generic[Item, Result]):
    """Collects items while earlier batches are under way, then sends them together.

    `flush` gets a batch and answers one result or exception per item, in order; what it raises goes to all of
    them. At most `in_flight_max` batches are under way, of at most `batch_max` items, and `queue_max` items wait.
    Batches that are not full leave `spacing_s` seconds apart: who comes alone goes at once, a crowd goes together.
    """

    def __init__(
        self,
        flush: Callable[[Sequence[Item]], Awaitable[Sequence[Result | BaseException]]],
        *,
        batch_max: int = 256,
        in_flight_max: int = 2,
        queue_max: int = 20_000,
        spacing_s: float = 0.0,
    ) -> None:
        """Nothing runs until the first item comes."""
        self._flush = flush
        self._batch_max = batch_max
        self._in_flight_max = in_flight_max
        self._queue_max = queue_max
        self._spacing_s = spacing_s
        self._next_at_s = 0.0
        """When the next batch may leave that is not full."""

        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._pumps: set[asyncio.Task[None]] = set()
        self._pumping = 0
        """How many pumps will look at the queue again: a task that is done is still in `_pumps` for a moment."""

    def submit(self, item: Item) -> asyncio.Future[Result]:
        """Queue `item`; the future may be cancelled or forgotten without harm to anyone else.

        Raises:
            QueueFull: `queue_max` items wait already.
        """
        if len(self._waiting) >= self._queue_max:
            raise QueueFull(f"{len(self._waiting)} requests wait already")
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._pumping < self._in_flight_max:
            self._pumping += 1
            spawn(self._pump(), self._pumps)
        return future

    async def _pump(self) -> None:
        try:
            while self._waiting:
                await self._wait_for_company()
                if self._waiting:  # another pump may have taken all of it meanwhile
                    await self._send_batch()
        finally:
            self._pumping -= 1

    async def _wait_for_company(self) -> None:
        if not self._spacing_s:
            return
        loop = asyncio.get_running_loop()
        wait_s = self._next_at_s - loop.time()
        if wait_s > 0 and len(self._waiting) < self._batch_max:
            self._next_at_s += self._spacing_s  # the turn of whoever comes after this one
            await asyncio.sleep(wait_s)
        else:
            self._next_at_s = loop.time() + self._spacing_s

    async def _send_batch(self) -> None:
        count = min(len(self._waiting), self._batch_max)
        batch = [self._waiting.popleft() for _ in range(count)]
        try:
            results = await self._flush([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001  whoever waits must hear of it, whatever it was
            results = [error] * count
        for (_, future), result in zip(batch, results, strict=True):
            _settle(future, result)


def _settle(future: asyncio.Future[Result], result: Result | BaseException) -> None:
    if future.done():  # whoever waited has gone
        return
    if isinstance(result, BaseException):
        future.set_exception(result)
    else:
        future.set_result(result)
