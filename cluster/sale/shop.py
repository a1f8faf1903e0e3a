"""The API as buyers use it: one connection pool, every keyed request repeated until its answer tells something."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from cluster.sale.figures import Figures
from cluster.sale.meter import Meter
from cluster.sale.steps import Step, tells_nothing

TRIES_MAX = 40
AGAIN_S = 0.25
AGAIN_MAX_S = 5.0
"""Seconds until a request is repeated; the server's `Retry-After` counts, up to the second of these."""

ANSWER_MAX_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0 when nothing ever did."""

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    cookie: str = ""
    """The session it opened."""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """One marketplace, measured."""

    http: aiohttp.ClientSession
    url: str
    slots: asyncio.Semaphore
    """As many requests may be under way at once."""

    figures: Figures
    meter: Meter
    elapsed_s: Callable[[], float]
    """Seconds since the doors opened."""

    async def ask(self, step: Step, session: str = "", key: str = "") -> Answer:
        """Take a step; ask again under the same key as long as the answer tells nothing.

        Its latency is the time from the first sending to the answer that counts, pauses included.
        """
        headers = {"Content-Type": "application/json", "Cookie": f"session={session}", "Idempotency-Key": key}
        given = {name: value for name, value in headers.items() if value and value != "session="}
        wanted = time.perf_counter()
        async with self.slots:
            sent = time.perf_counter()
            self.meter.waits_ms.append((sent - wanted) * 1000)
            answer = await self._until_told(step, given)
        self.figures.timed(self.elapsed_s(), (time.perf_counter() - sent) * 1000)
        return answer

    async def _until_told(self, step: Step, headers: dict[str, str]) -> Answer:
        answer = Answer(0)
        for _ in range(TRIES_MAX):
            answer, pause_s = await self._once(step, headers)
            if answer.status and not tells_nothing(answer.status):
                break
            self.figures.repeats += 1
            await asyncio.sleep(pause_s)
        return answer

    async def _once(self, step: Step, headers: dict[str, str]) -> tuple[Answer, float]:
        """One request, and how long to wait before the next."""
        data = json.dumps(step.body) if step.body is not None else None
        try:
            async with self.http.request(step.method, self.url + step.path, data=data, headers=headers) as response:
                text = await response.read()
                after_s = float(response.headers.get("Retry-After", AGAIN_S))
                opened = response.cookies.get("session")
                body = json.loads(text) if text else {}
                answer = Answer(response.status, body if isinstance(body, dict) else {}, opened.value if opened else "")
                return answer, min(after_s, AGAIN_MAX_S)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            # A lost connection, a proxy's page instead of JSON: nothing is known, so it is asked again.
            return Answer(0), AGAIN_S


def open_http(connections: int) -> aiohttp.ClientSession:
    """A pool of as many connections; cookies are each buyer's own, so it keeps none."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=ANSWER_MAX_S),
    )
