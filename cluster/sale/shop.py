"""The API as buyers use it: measured, every keyed request repeated until its answer tells something.

A generator that falls behind sends later, and would then measure only the answers to what it got round to sending: that
is coordinated omission. So every request has a moment at which it was due, and how much later it was sent is told.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What somebody asks for, again and again until he is told."""

    step: Step
    headers: dict[str, str]
    holds_order: bool
    on_sent: Callable[[], object]


class Tried(NamedTuple):
    """One request, and its answer."""

    answer: Answer
    again_s: float
    """How long to wait before the next."""

    sent_s: float
    waited_s: float
    """From when it was due until it was sent."""


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

    async def ask(
        self,
        step: Step,
        session: str = "",
        key: str = "",
        *,
        holds_order: bool = False,
        due_s: float | None = None,
        on_sent: Callable[[], object] = lambda: None,
    ) -> Answer:
        """Take a step; ask again under the same key as long as the answer tells nothing.

        It was due at `due_s` after the doors opened, or is now. How late each of its requests is sent is told apart,
        so that coordinated omission hides nothing: its latency is the rest, from the first sending to the answer that
        counts, pauses included. What never got one is no answer, and has no latency. `on_sent` is called at each
        sending: until the first, he has only waited for this generator.
        """
        errand = Errand(step=step, headers=headers_of(session, key), holds_order=holds_order, on_sent=on_sent)
        tries = await self._until_told(errand, self._now_s if due_s is None else due_s)
        waited_again_s, sent_s, now_s = sum(each.waited_s for each in tries[1:]), tries[0].sent_s, self._now_s
        if tries[-1].answer.status:
            self.figures.timed(step.name, now_s, (now_s - sent_s - waited_again_s) * 1000)
        return replace(tries[-1].answer, sent_s=sent_s)

    async def _until_told(self, errand: Errand, due_s: float) -> list[Tried]:
        tries = [await self._tried(errand, due_s)]
        while tries[-1].answer.tells_nothing and len(tries) < TRIES_MAX:
            self.figures.repeats += 1
            self.figures.troubles[errand.step.name, tries[-1].answer.trouble] += 1
            again_s = tries[-1].again_s
            due_s = self._now_s + again_s
            await asyncio.sleep(again_s)
            tries.append(await self._tried(errand, due_s))
        return tries

    @property
    def _now_s(self) -> float:
        return self.stopwatch.elapsed_s()

    async def _tried(self, errand: Errand, due_s: float) -> Tried:
        """One request, over a connection that is taken for it alone: who pauses leaves it to others."""
        lines, meter = self.lines, self.meter
        line, waits_ms = (lines.till, meter.till_waits_ms) if errand.holds_order else (lines.door, meter.waits_ms)
        async with line:
            sent_s = self._now_s
            waits_ms.append((sent_s - due_s) * 1000)
            errand.on_sent()
            answer, again_s = await self.once(errand.step, errand.headers)
        return Tried(answer, again_s, sent_s, sent_s - due_s)

    async def once(self, step: Step, headers: dict[str, str]) -> tuple[Answer, float]:
        """One request, sent at once and measured by nobody, and how long to wait before the next."""
        data = json.dumps(step.body) if step.body is not None else None
        try:
            # Whoever would follow a redirect would load a machine that nobody named.
            async with self.http.request(
                step.method, self.url + step.path, data=data, headers=headers, allow_redirects=False
            ) as response:
                return await _read(response), pause_s(response.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError) as error:
            # A lost connection: nothing is known, so it is asked again.
            kind = type(error).__name__
            return Answer(0, why=str(error) or kind, error=kind), AGAIN_S


async def _read(response: aiohttp.ClientResponse) -> Answer:
    opened, is_elsewhere = response.cookies.get("session"), 300 <= response.status < 400
    answer = read_answer(response.status, await response.read(), opened.value if opened else "")
    location = response.headers.get("Location", "") if is_elsewhere else ""
    return replace(answer, date=response.headers.get("Date", ""), location=location)


def open_http() -> aiohttp.ClientSession:
    """Connections, as many as the lines let through; cookies are each buyer's own, so it keeps none."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=ANSWER_MAX_S),
    )
