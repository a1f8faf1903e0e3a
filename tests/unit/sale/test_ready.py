"""What is asked before anything is prepared."""

import asyncio
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from actors.runtime.clock import SystemClock
from cluster.local.errors import ProofError
from cluster.sale import ready
from cluster.sale.ready import demand_ready
from cluster.sale.steps import Answer, Step


class FakeShop:
    """A marketplace with one answer, or with none."""

    url = "http://shop"

    def __init__(self, answer: Answer | None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def once(self, step: Step, _: dict[str, str]) -> tuple[Answer, float]:
        self.asked.append(step.path)
        if self.answer is None:
            await asyncio.sleep(3_600)
        assert self.answer is not None
        return self.answer, 0.0


async def test_a_marketplace_that_is_ready_is_asked_once() -> None:
    shop: Any = FakeShop(Answer(200, {"ready": True}))
    await demand_ready(shop)
    assert shop.asked == ["/api/ready"]


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=5), timedelta(minutes=-5)])
async def test_its_clock_is_read_however_wrong_it_is(ahead: timedelta) -> None:
    theirs = SystemClock().now() + ahead
    shop: Any = FakeShop(Answer(200, date=format_datetime(theirs, usegmt=True)))
    found = (await demand_ready(shop)).now()
    assert abs(found - theirs) < timedelta(seconds=2)


@pytest.mark.parametrize("date", ["", "yesterday"])
async def test_where_it_shows_no_clock_ours_must_do(date: str) -> None:
    shop: Any = FakeShop(Answer(200, date=date))
    assert isinstance(await demand_ready(shop), SystemClock)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "no answer within 0 s"),
        (Answer(503), "503"),
        (Answer(404), "404"),
        (Answer(0, why="Cannot connect"), "Cannot connect"),
    ],
)
async def test_one_that_is_silent_or_not_ready_is_said_to_be_so_at_once(
    answer: Answer | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "ANSWER_MAX_S", 0.01)
    shop: Any = FakeShop(answer)
    async with asyncio.timeout(5):
        with pytest.raises(ProofError, match=rf"http://shop does not say that it is ready \({words}\)"):
            await demand_ready(shop)
    assert len(shop.asked) == 1


@pytest.mark.parametrize(
    ("answer", "there"),
    [
        (Answer(301, location="https://shop.example/api/ready"), "https://shop.example"),
        (Answer(0, why="307 without JSON", location="/shop/api/ready"), "http://shop/shop"),
    ],
)
async def test_one_that_is_elsewhere_is_not_followed_and_named(answer: Answer, there: str) -> None:
    shop: Any = FakeShop(answer)
    with pytest.raises(ProofError, match=f"http://shop sends whoever asks on to {answer.location}") as caught:
        await demand_ready(shop)
    assert f"Give {there} as --target" in caught.value.advice
    assert shop.asked == ["/api/ready"]
