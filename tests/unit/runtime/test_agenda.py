"""The timers of one supervisor."""

import asyncio
from datetime import datetime, timedelta

from actors.runtime.agenda import LOOK_EVERY_S, STALE_MAX, Agenda

from .fakes import DAWN, SetClock, clock, now_s, virtually


def at(seconds: float) -> datetime:
    return DAWN + timedelta(seconds=seconds)


def agenda() -> tuple[Agenda, list[tuple[float, str]]]:
    rung: list[tuple[float, str]] = []
    return Agenda(clock(), lambda key: rung.append((now_s(), key))), rung


@virtually
async def test_it_rings_in_time_and_in_order() -> None:
    book, rung = agenda()
    for key, seconds in (("b", 2), ("a", 1), ("c", 2.5)):
        book.put(key, at(seconds))
    assert len(book) == 3
    await asyncio.sleep(2.2)
    assert (rung, len(book)) == ([(1.0, "a"), (2.0, "b")], 1)


@virtually
async def test_what_is_overdue_rings_at_once() -> None:
    book, rung = agenda()
    book.put("a", at(-5))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert rung == [(0.0, "a")]


@virtually
async def test_an_appointment_can_be_moved_both_ways() -> None:
    book, rung = agenda()
    book.put("later", at(1))
    book.put("later", at(3))
    book.put("sooner", at(4))
    book.put("sooner", at(2))
    book.put("sooner", at(2))
    await asyncio.sleep(9)
    assert rung == [(2.0, "sooner"), (3.0, "later")]


@virtually
async def test_what_is_dropped_does_not_ring() -> None:
    book, rung = agenda()
    book.put("a", at(1))
    book.put("b", at(1))
    book.drop("a")
    book.drop("never put")
    await asyncio.sleep(9)
    assert rung == [(1.0, "b")]


@virtually
async def test_it_can_ring_for_the_same_key_again() -> None:
    book, rung = agenda()
    book.put("a", at(1))
    await asyncio.sleep(1.5)
    book.put("a", at(1))
    await asyncio.sleep(0.5)
    book.put("a", at(3))
    await asyncio.sleep(9)
    assert rung == [(1.0, "a"), (1.5, "a"), (3.0, "a")]


@virtually
async def test_moments_between_milliseconds_are_not_missed() -> None:
    book, rung = agenda()
    await asyncio.sleep(0.0004)
    book.put("a", at(0.002))
    await asyncio.sleep(1)
    assert rung == [(0.002, "a")]


@virtually
async def test_a_clock_that_jumps_forward_is_noticed_soon() -> None:
    rung: list[tuple[float, str]] = []
    stepped = SetClock()
    book = Agenda(stepped, lambda key: rung.append((now_s(), key)))
    book.put("a", at(900))
    await asyncio.sleep(1)
    stepped.ahead = timedelta(seconds=900)
    await asyncio.sleep(LOOK_EVERY_S)
    assert rung == [(LOOK_EVERY_S, "a")]


@virtually
async def test_what_is_dropped_long_before_its_time_takes_no_room() -> None:
    book, rung = agenda()
    for n in range(10 * STALE_MAX):
        book.put(n, at(900))
        book.drop(n)
    for n in range(3 * STALE_MAX):
        book.put("moved", at(800 - n / STALE_MAX))
    book.put("kept", at(1))
    assert len(book._heap) <= STALE_MAX + 2 * len(book)
    await asyncio.sleep(800)
    assert [key for _, key in rung] == ["kept", "moved"]


@virtually
async def test_a_closed_one_is_silent() -> None:
    book, rung = agenda()
    book.put("a", at(1))
    book.close()
    await asyncio.sleep(9)
    assert (rung, len(book)) == ([], 0)
