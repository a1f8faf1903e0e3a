"""Memory in demand is confirmed for as long as somebody asks for it, and a while longer."""

import asyncio

import pytest

from actors.runtime import vouching
from actors.runtime.clock import steady_s
from actors.runtime.memory import Memory
from actors.runtime.snapshot import Snapshot
from actors.runtime.vouching import EVERY_S, WANTED_S, Vouching

from .fakes import FakeStore, now_s, virtually
from .toy import KEY, Jar


def unborn(key: str = KEY) -> Memory:
    """What is remembered of a jar that the store does not hold either."""
    return Memory(Snapshot(key, Jar(id=key)), steady_s())


def age_s(memory: Memory) -> float:
    return round(steady_s() - memory.checked_s, 3)


@virtually
async def test_memory_is_confirmed_until_nobody_has_wanted_it_for_a_while() -> None:
    store, memory = FakeStore(), unborn()
    vouching = Vouching(store)
    vouching.want(KEY, memory, steady_s())
    await asyncio.sleep(3)
    assert age_s(memory) < EVERY_S
    vouching.want(KEY, memory, steady_s())
    await asyncio.sleep(WANTED_S - 0.1)
    assert age_s(memory) < EVERY_S
    await asyncio.sleep(WANTED_S)
    assert age_s(memory) > WANTED_S - EVERY_S
    assert len(store.calls) == int((3 + WANTED_S) / EVERY_S)


@virtually
async def test_all_are_confirmed_in_one_question() -> None:
    store, memories = FakeStore(), {key: unborn(key) for key in "abc"}
    vouching = Vouching(store)
    for key, memory in memories.items():
        vouching.want(key, memory, steady_s())
    await asyncio.sleep(EVERY_S + 0.1)
    assert ([age_s(each) for each in memories.values()], store.calls) == ([0.1] * 3, ["look"])


@virtually
async def test_another_version_confirms_nothing() -> None:
    store, memory = FakeStore(), unborn()
    await store.commit(Snapshot(KEY, Jar(id=KEY, version=0)), None)
    Vouching(store).want(KEY, memory, steady_s())
    await asyncio.sleep(2)
    assert age_s(memory) == 2


@virtually
async def test_it_asks_again_after_a_failure_and_not_while_an_answer_is_awaited() -> None:
    store, memory = FakeStore(), unborn()
    store.will("look", "before", 2 * EVERY_S)
    Vouching(store).want(KEY, memory, steady_s())
    await asyncio.sleep(4 * EVERY_S - 0.1)
    assert (age_s(memory), store.calls) == (round(now_s(), 3), ["look", "look"])
    await asyncio.sleep(0.2)
    assert age_s(memory) < 2 * EVERY_S + 0.2


@virtually
async def test_it_vouches_for_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vouching, "WANTED_MAX", 2)
    memories = {key: unborn(key) for key in "abc"}
    several = Vouching(FakeStore())
    for key, memory in memories.items():
        several.want(key, memory, steady_s())
    await asyncio.sleep(1)
    assert [age_s(each) < 1 for each in memories.values()] == [True, True, False]
