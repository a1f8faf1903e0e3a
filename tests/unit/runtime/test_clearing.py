"""What is acknowledged leaves the stored outboxes in groups, again until that is known to be done."""

import asyncio
from collections.abc import Set as AbstractSet

import pytest

from actors.runtime import clearing
from actors.runtime.clearing import AGAIN_S, EVERY_S, Clearing

from .fakes import FakeStore, now_s, virtually


class Owing:
    """An actor that has these entries taken out, and says when they are."""

    def __init__(self, key: str, *entries: str) -> None:
        self.key = key
        self.acknowledged = frozenset(entries)
        self.heard: list[tuple[float, AbstractSet[str]]] = []

    def cleared(self, entries: AbstractSet[str]) -> None:
        self.acknowledged -= entries
        self.heard.append((now_s(), entries))


@virtually
async def test_all_who_ask_within_a_moment_share_one_update() -> None:
    store, actors = FakeStore(), [Owing("blue", "a", "b"), Owing("red", "c")]
    owed = Clearing(store)
    for actor in (*actors, actors[0]):
        owed.want(actor)
    await asyncio.sleep(1)
    assert [actor.heard for actor in actors] == [[(EVERY_S, {"a", "b"})], [(EVERY_S, {"c"})]]
    assert store.calls == ["clear"]


@virtually
async def test_where_a_turn_takes_them_along_there_is_nothing_to_do() -> None:
    store = FakeStore()
    Clearing(store).want(Owing("blue"))
    await asyncio.sleep(1)
    assert store.calls == []


@virtually
async def test_without_an_answer_all_are_taken_out_again() -> None:
    store, actor = FakeStore(), Owing("blue", "a")
    store.will("clear", "before", "after")
    Clearing(store).want(actor)
    await asyncio.sleep(9)
    assert actor.heard == [(round(3 * EVERY_S + 2 * AGAIN_S, 3), {"a"})]


@virtually
async def test_a_defect_of_the_store_costs_nobody_his_clearing() -> None:
    store, actor = FakeStore(), Owing("blue", "a")
    store.will("clear", OverflowError("defect"))
    Clearing(store).want(actor)
    await asyncio.sleep(9)
    assert actor.heard == [(round(2 * EVERY_S + AGAIN_S, 3), {"a"})]


@virtually
async def test_what_is_acknowledged_meanwhile_is_taken_out_next() -> None:
    store, actor = FakeStore(), Owing("blue", "a")
    store.will("clear", 0.1)
    owed = Clearing(store)
    owed.want(actor)
    await asyncio.sleep(EVERY_S + 0.05)
    actor.acknowledged |= {"b"}
    owed.want(actor)
    await asyncio.sleep(1)
    assert [entries for _, entries in actor.heard] == [{"a"}, {"b"}]


@virtually
async def test_groups_are_bounded_and_a_whole_one_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "GROUP_MAX", 2)
    store, actors = FakeStore(), [Owing(key, "a") for key in "abcde"]
    owed = Clearing(store)
    for actor in actors:
        owed.want(actor)
    await asyncio.sleep(1)
    assert [[round(at / EVERY_S) for at, _ in actor.heard] for actor in actors] == [[0], [0], [0], [0], [1]]


@virtually
async def test_who_asks_as_the_last_group_is_done_is_not_forgotten() -> None:
    loop, owed, late = asyncio.get_running_loop(), Clearing(FakeStore()), Owing("late", "b")

    class Last(Owing):
        def cleared(self, entries: AbstractSet[str]) -> None:
            super().cleared(entries)
            loop.call_soon(owed.want, late)  # in the very round in which nothing more is wanted

    owed.want(Last("last", "a"))
    await asyncio.sleep(9)
    assert late.heard == [(2 * EVERY_S, {"b"})]
