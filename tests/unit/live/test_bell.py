"""serve_app.live.bell."""

import asyncio

from serve_app.live.bell import AT_ONCE, Bell
from tests.unit.runtime.fakes import now_s, virtually


async def woken_at(bell: Bell, until_s: float = 100) -> float:
    await bell.wait(until_s)
    return now_s()


@virtually
async def test_at_once_after_quiet_and_then_at_intervals() -> None:
    bell = Bell(0.2)
    rung: list[float] = []
    for rings_at in (1.0, 1.05, 1.1, 1.3, 9.0):
        waiter = asyncio.create_task(woken_at(bell))
        await asyncio.sleep(rings_at - now_s())
        bell.ring()
        bell.ring()
        rung.append(await waiter)
    assert rung == [1.0, 1.2, 1.4, 1.6, 9.0]


@virtually
async def test_everybody_is_woken_in_turn() -> None:
    bell = Bell()
    woken: list[int] = []
    rounds: list[int] = []

    async def wait(n: int) -> None:
        await bell.wait(100)
        woken.append(n)

    async def count() -> None:
        while len(woken) < 3 * AT_ONCE:
            rounds.append(len(woken))
            await asyncio.sleep(0)

    waiters = [asyncio.create_task(wait(n)) for n in range(3 * AT_ONCE)]
    await asyncio.sleep(1)
    assert len(bell) == len(waiters)
    bell.ring()
    await asyncio.gather(count(), *waiters)
    assert {AT_ONCE, 2 * AT_ONCE} <= set(rounds), "others had their turn in between"
    assert len(bell) == 0


@virtually
async def test_waiting_ends_by_itself() -> None:
    bell = Bell()
    assert await woken_at(bell, 3.5) == 3.5
    assert len(bell) == 0


@virtually
async def test_whoever_leaves_is_forgotten() -> None:
    bell = Bell()
    waiter = asyncio.create_task(bell.wait(100))
    await asyncio.sleep(1)
    bell.ring()
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    await asyncio.sleep(1)
    assert (len(bell), waiter.cancelled()) == (0, True)


@virtually
async def test_only_those_wake_who_have_a_reason() -> None:
    bell = Bell(0.2)
    asked: list[float] = []

    def wakes() -> bool:
        asked.append(now_s())
        return len(asked) == 3

    waiter = asyncio.create_task(bell.wait(100, wakes))
    for _ in range(5):
        await asyncio.sleep(1)
        bell.ring()
    await waiter
    assert asked == [1.0, 2.0, 3.0]


@virtually
async def test_a_reader_that_fails_keeps_nobody_asleep() -> None:
    bell = Bell()

    def fails() -> bool:
        raise KeyError("title")

    waiters = [asyncio.create_task(bell.wait(100, fails)), *(asyncio.create_task(woken_at(bell)) for _ in range(3))]
    await asyncio.sleep(1)
    bell.ring()
    failed, *woken = await asyncio.gather(*waiters, return_exceptions=True)
    assert isinstance(failed, KeyError)
    assert (woken, len(bell)) == ([1.0] * 3, 0)
