"""Many small requests become few large ones, and nobody's impatience harms anybody else."""

import asyncio
from collections.abc import Sequence

import pytest

from actors.runtime.coalescer import Coalescer, QueueFull

from .fakes import now_s, virtually


class Flush:
    """Doubles numbers, a second each batch; fails for a batch with a 13, and answers 7 with an error of its own."""

    def __init__(self) -> None:
        self.batches: list[tuple[float, list[int]]] = []

    async def __call__(self, batch: Sequence[int]) -> list[int | BaseException]:
        self.batches.append((now_s(), list(batch)))
        await asyncio.sleep(1)
        if 13 in batch:
            raise LookupError("thirteen")
        return [KeyError(7) if n == 7 else n * 2 for n in batch]


@virtually
async def test_what_comes_during_a_batch_goes_with_the_next() -> None:
    flush = Flush()
    coalescer = Coalescer(flush, in_flight_max=1)
    first = coalescer.submit(1)
    await asyncio.sleep(0.5)
    assert await asyncio.gather(coalescer.submit(2), coalescer.submit(3), first) == [4, 6, 2]
    assert flush.batches == [(0.0, [1]), (1.0, [2, 3])]


@virtually
async def test_batches_and_those_in_flight_are_bounded() -> None:
    flush = Flush()
    coalescer = Coalescer(flush, batch_max=2, in_flight_max=2)
    await asyncio.gather(*(coalescer.submit(n) for n in range(6)))
    assert flush.batches == [(0.0, [0, 1]), (0.0, [2, 3]), (1.0, [4, 5])]


@virtually
async def test_who_comes_alone_goes_at_once_and_a_crowd_goes_together() -> None:
    flush = Flush()
    coalescer = Coalescer(flush, batch_max=3, in_flight_max=3, spacing_s=0.5)
    crowd = [coalescer.submit(1)]
    for n in (2, 3):
        await asyncio.sleep(0.1)
        crowd.append(coalescer.submit(n))
    await asyncio.gather(*crowd)
    await asyncio.sleep(5)
    await coalescer.submit(4)
    assert flush.batches == [(0.0, [1]), (0.5, [2, 3]), (6.5, [4])]


@virtually
async def test_a_full_batch_does_not_wait_for_more() -> None:
    flush = Flush()
    coalescer = Coalescer(flush, batch_max=2, in_flight_max=3, spacing_s=0.5)
    first = coalescer.submit(1)
    await asyncio.sleep(0.1)
    await asyncio.gather(first, coalescer.submit(2), coalescer.submit(3))
    assert flush.batches == [(0.0, [1]), (0.1, [2, 3])]


@virtually
async def test_the_queue_is_bounded() -> None:
    coalescer = Coalescer(Flush(), queue_max=2)
    coalescer.submit(1)
    coalescer.submit(2)
    with pytest.raises(QueueFull):
        coalescer.submit(3)


@virtually
async def test_a_failed_batch_fails_all_of_it_and_nothing_else() -> None:
    coalescer = Coalescer(Flush(), batch_max=2, in_flight_max=1)
    outcomes = await asyncio.gather(*(coalescer.submit(n) for n in (1, 13, 2)), return_exceptions=True)
    assert [repr(each) for each in outcomes] == ["LookupError('thirteen')", "LookupError('thirteen')", "4"]


@virtually
async def test_every_item_may_have_an_error_of_its_own() -> None:
    coalescer = Coalescer(Flush())
    outcomes = await asyncio.gather(*(coalescer.submit(n) for n in (1, 7)), return_exceptions=True)
    assert [repr(each) for each in outcomes] == ["2", "KeyError(7)"]


@virtually
@pytest.mark.parametrize("vanishes_after_s", [0, 0.5])
async def test_whoever_waits_may_vanish(vanishes_after_s: float) -> None:
    coalescer = Coalescer(Flush(), in_flight_max=1)
    gone, patient = coalescer.submit(1), coalescer.submit(2)
    await asyncio.sleep(vanishes_after_s)
    gone.cancel()
    assert await patient == 4
    assert await coalescer.submit(3) == 6
