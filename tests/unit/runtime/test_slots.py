"""Slots: what can wait leaves room for what somebody waits for, and is itself done as fast as its share allows."""

import asyncio
from collections.abc import Awaitable

from actors.runtime.slots import Slots

from .fakes import now_s, virtually


class Bench:
    """Four slots, two of them for what can wait; every piece of work takes a second, unless it is told of news."""

    def __init__(self) -> None:
        self.slots = Slots(4)
        self.begun: list[tuple[float, str]] = []
        self.given_up: list[str] = []

    async def work(self, name: str, *, can_wait: bool = False, news: asyncio.Event | None = None) -> None:
        async with self.slots.one(can_wait=can_wait, news=news or asyncio.Event()) as is_its_turn:
            if not is_its_turn:
                self.given_up.append(name)
                return
            self.begun.append((now_s(), name))
            await asyncio.sleep(1)

    def patient(self, count: int) -> list[Awaitable[None]]:
        return [self.work("patient", can_wait=True) for _ in range(count)]


@virtually
async def test_so_many_are_worked_on_at_once() -> None:
    bench = Bench()
    await asyncio.gather(*(bench.work(name) for name in "abcdef"))
    assert bench.begun == [(0, "a"), (0, "b"), (0, "c"), (0, "d"), (1, "e"), (1, "f")]


@virtually
async def test_what_can_wait_leaves_half_of_the_slots_to_the_others() -> None:
    bench = Bench()
    line = asyncio.gather(*bench.patient(100))
    await asyncio.sleep(0.5)
    await asyncio.gather(*(bench.work(name) for name in "abc"))
    assert [each for each in bench.begun if each[1] != "patient"] == [(0.5, "a"), (0.5, "b"), (1, "c")]
    await line


@virtually
async def test_what_can_wait_is_done_as_fast_as_its_share_allows() -> None:
    bench = Bench()
    await asyncio.gather(*bench.patient(100))
    assert [at for at, _ in bench.begun] == [turn for turn in range(50) for _ in range(2)]


@virtually
async def test_a_single_slot_is_for_all() -> None:
    bench = Bench()
    bench.slots = Slots(1)
    await asyncio.gather(*bench.patient(2), bench.work("a"))
    assert len(bench.begun) == 3


@virtually
async def test_news_takes_what_can_wait_out_of_the_line_and_no_place_with_it() -> None:
    bench, news = Bench(), asyncio.Event()
    line = asyncio.gather(*bench.patient(2), bench.work("changed", can_wait=True, news=news), *bench.patient(1))
    await asyncio.sleep(0.5)
    news.set()
    await asyncio.sleep(0.1)
    assert bench.given_up == ["changed"]
    await line
    assert [at for at, _ in bench.begun] == [0, 0, 1]


@virtually
async def test_work_that_fails_leaves_its_place() -> None:
    bench = Bench()
    for _ in range(4):
        try:
            async with bench.slots.one(can_wait=True, news=asyncio.Event()):
                raise LookupError
        except LookupError:
            pass
    await asyncio.gather(*bench.patient(2))
    assert [at for at, _ in bench.begun] == [0, 0]
