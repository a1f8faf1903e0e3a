"""A thousand open pages while orders go on: a change reaches all of them. How late, and at what cost, is printed."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import httpx
import pytest
from bson import ObjectId

from tests.benchmarks.audience import Arrivals, Audience
from tests.chaos.victims import titled
from tests.conftest import running
from tests.integration.crowd import list_tickets
from tests.integration.office import Office

PAGES = 1_000
BUYERS = 8
RUSH, STEADY = 600, 100
"""Orders in a round."""

STEADY_PER_S = 20
NAMED = 30
"""Tickets that a page names, as a page of the web client does."""

WINDOW_S = 900


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    yield from running(Office(tmp_path_factory.mktemp("streams") / "data"))


@dataclass
class Round:
    """What happened in a few seconds of buying."""

    clicked: dict[str, float]
    """For each ticket: when its buyer asked for it (seconds since 1970)."""

    created: dict[str, float]
    """For each ticket: when its order came into being."""

    took_s: float
    replicas_cpu_s: float

    @property
    def orders_per_s(self) -> float:
        return len(self.created) / self.took_s

    @property
    def cpu_ms_per_order(self) -> float:
        return 1000 * self.replicas_cpu_s / len(self.created)


class Box:
    """Buys seats, each one once."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.replicas = titled(office, "ray::ServeReplica")

    def cpu_s(self) -> float:
        return sum(times.user + times.system for times in (each.cpu_times() for each in self.replicas))

    def seats(self, count: int) -> list[str]:
        """New tickets."""
        return [seat for _ in range(count // 100) for seat in list_tickets(self.office, 100)]

    def rush(self, seats: list[str] | None = None) -> Round:
        """As many orders a second as a few buyers can make, each one after the other."""
        return asyncio.run(self._buying(seats or self.seats(RUSH), None))

    def steadily(self) -> Round:
        """A few orders every second."""
        return asyncio.run(self._buying(self.seats(STEADY), STEADY_PER_S))

    async def _buying(self, seats: list[str], per_s: float | None) -> Round:
        done = Round({}, {}, 0, 0)
        began, cpu_s = time.monotonic(), self.cpu_s()
        numbered = iter(enumerate(seats))

        async def buy(client: httpx.AsyncClient) -> None:
            for n, seat in numbered:
                if per_s is not None:  # the load, not a wait
                    await asyncio.sleep(began + n / per_s - time.monotonic())
                done.clicked[seat] = time.time()
                answer = await client.post("/api/orders", json={"ticketId": seat})
                expires = datetime.fromisoformat(answer.raise_for_status().json()["expiresAt"])
                done.created[seat] = expires.timestamp() - WINDOW_S

        cookies = {"session": self.office.session(ObjectId())}
        async with httpx.AsyncClient(base_url=self.office.url, timeout=60, cookies=cookies) as client:
            await asyncio.gather(*(buy(client) for _ in range(BUYERS)))
        done.took_s, done.replicas_cpu_s = time.monotonic() - began, self.cpu_s() - cpu_s
        return done


def reached(audience: Audience, bought: Round) -> Arrivals:
    """When each page heard of each order, once all of them have heard of the last one."""
    arrivals: Arrivals = {}
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for seat, times in audience.heard().items():
            arrivals.setdefault(seat, type(times)("d")).extend(times)
        if all(len(arrivals.get(seat, ())) >= audience.count for seat in bought.created):
            return arrivals
    lacking = {seat: audience.count - len(arrivals.get(seat, ())) for seat in bought.created}
    raise AssertionError(f"pages that did not hear of a ticket: { {s: n for s, n in lacking.items() if n > 0} }")


def lateness(arrivals: Arrivals, bought: Round) -> str:
    """Over all orders and all pages."""
    parts = []
    for name, since in (("the click", bought.clicked), ("the order", bought.created)):
        late = sorted((at - since[seat]) * 1000 for seat in since for at in arrivals[seat][:PAGES])
        p50, p99 = late[len(late) // 2], late[int(len(late) * 0.99)]
        parts.append(f"after {name}: p50 {p50:.0f} ms, p99 {p99:.0f} ms, worst {late[-1]:.0f} ms")
    return "  " + "; ".join(parts)


def told(name: str, bought: Round) -> str:
    cost = (
        f"replicas {bought.replicas_cpu_s:.1f} of {bought.took_s:.1f} s, {bought.cpu_ms_per_order:.1f} CPU ms an order"
    )
    return f"{name}: {bought.orders_per_s:.0f} orders/s, {cost}"


def test_a_thousand_pages(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    began, box = time.monotonic(), Box(office)
    box.steadily()  # warm
    lines = [told("no page", box.rush()), told(f"no page, {STEADY_PER_S} orders a second", box.steadily())]
    with Audience(office.port, PAGES, f"?tickets={ObjectId()}"):
        lines.append(told(f"{PAGES} pages of other tickets", box.rush()))
    seats = box.seats(RUSH)
    with Audience(office.port, PAGES, f"?tickets={','.join(seats[:: RUSH // NAMED])}"):
        lines.append(told(f"{PAGES} pages of {NAMED} tickets among them", box.rush(seats)))
    with Audience(office.port, PAGES) as audience:
        for name, buy in (("", box.rush), (f", {STEADY_PER_S} orders a second", box.steadily)):
            bought = buy()
            lines.append(told(f"{PAGES} pages of all tickets{name}", bought))
            lines.append(lateness(reached(audience, bought), bought))
        lines.append(f"  memory of the replicas: {sum(p.memory_info().rss for p in box.replicas) / 2**20:.0f} MiB")
    lines.append(told("no page, once more", box.rush()))
    with capsys.disabled():
        print("", *lines, f"took {time.monotonic() - began:.0f} s", sep="\n")
