"""The API as buyers use it: measured, every keyed request repeated until its answer tells something."""

import asyncio
import json
import time
from dataclasses import dataclass, replace

import aiohttp

from cluster.sale.figures import Figures
from cluster.sale.meter import Meter
from cluster.sale.patience import AGAIN_S, ANSWER_MAX_S, TRIES_MAX, pause_s
from cluster.sale.steps import Answer, Step, headers_of, read_answer
from cluster.sale.stopwatch import Stopwatch


class Lines:
    """Who waits for a connection: those who hold an order have a line of their own.

    They are few, and were they to stand behind thousands who want a ticket, the generator would let orders expire.
    """

    def __init__(self, connections: int) -> None:
        """Each line has as many connections."""
        self.door = asyncio.Semaphore(connections)
        self.till = asyncio.Semaphore(connections)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """One marketplace, measured."""

    http: aiohttp.ClientSession
    url: str
    lines: Lines
    figures: Figures
    meter: Meter
    stopwatch: Stopwatch
    """Runs since the doors opened."""

    async def ask(self, step: Step, session: str = "", key: str = "", *, holds_order: bool = False) -> Answer:
        """Take a step; ask again under the same key as long as the answer tells nothing.

        Its latency is the time from the first sending to the answer that counts, pauses included.
        """
        lines, meter, wanted = self.lines, self.meter, time.perf_counter()
        line, waits_ms = (lines.till, meter.till_waits_ms) if holds_order else (lines.door, meter.waits_ms)
        async with line:
            sent, sent_s = time.perf_counter(), self.stopwatch.elapsed_s()
            waits_ms.append((sent - wanted) * 1000)
            answer = await self._until_told(step, headers_of(session, key))
        self.figures.timed(step.name, self.stopwatch.elapsed_s(), (time.perf_counter() - sent) * 1000)
        return replace(answer, sent_s=sent_s)

    async def _until_told(self, step: Step, headers: dict[str, str]) -> Answer:
        answer, after_s = await self._once(step, headers)
        for _ in range(TRIES_MAX - 1):
            if not answer.tells_nothing:
                break
            self.figures.repeats += 1
            await asyncio.sleep(after_s)
            answer, after_s = await self._once(step, headers)
        return answer

    async def _once(self, step: Step, headers: dict[str, str]) -> tuple[Answer, float]:
        """One request, and how long to wait before the next."""
        data = json.dumps(step.body) if step.body is not None else None
        try:
            async with self.http.request(step.method, self.url + step.path, data=data, headers=headers) as response:
                text = await response.read()
                opened = response.cookies.get("session")
                answer = read_answer(response.status, text, opened.value if opened else "")
                return answer, pause_s(response.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError) as error:
            # A lost connection: nothing is known, so it is asked again.
            return Answer(0, why=str(error) or type(error).__name__), AGAIN_S


def open_http() -> aiohttp.ClientSession:
    """Connections, as many as the lines let through; cookies are each buyer's own, so it keeps none."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=ANSWER_MAX_S),
    )
