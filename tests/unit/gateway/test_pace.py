"""How often Stripe is asked."""

import asyncio
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
import stripe

from actors.gateway.pace import PacedClient
from tests.unit.runtime.fakes import now_s, virtually


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, str]]:
    """When which request left; each is answered two seconds later."""
    found: list[tuple[float, str]] = []

    async def request(self: Any, method: str, url: str, *_: Any) -> tuple[bytes, int, Mapping[str, str]]:
        found.append((now_s(), url))
        await asyncio.sleep(2)
        return b"{}", 200, {}

    monkeypatch.setattr(stripe.HTTPXClient, "request_async", request)
    return found


@virtually
async def ask(client: PacedClient, count: int) -> None:
    await asyncio.gather(*(client.request_async("GET", str(number), {}) for number in range(count)))


def test_a_crowd_leaves_evenly_and_in_the_order_in_which_it_came(sent: list[tuple[float, str]]) -> None:
    # A power of two: in virtual time a moment that floats cannot tell from now never comes.
    ask(PacedClient(64.0, timeout_s=20), 200)
    assert [url for _, url in sent] == [str(number) for number in range(200)]
    assert [sum(second <= at_s < second + 1 for at_s, _ in sent) for second in range(4)] == [71, 64, 64, 1], (
        "eight at once"
    )


def test_the_slowest_pace_lets_one_leave_at_a_time(sent: list[tuple[float, str]]) -> None:
    ask(PacedClient(0.5, timeout_s=20), 4)
    assert [later[0] - sooner[0] for sooner, later in pairwise(sent)] == pytest.approx([2.0, 2.0, 2.0])
