"""Looking after what nobody serves."""

import asyncio
from datetime import datetime, timedelta

import pytest

from actors.runtime import watch as watch_module
from actors.runtime.memory import Memory
from actors.runtime.message import Key
from actors.runtime.partition import SLOTS
from actors.runtime.placement import NoRoom
from actors.runtime.turn import Turns
from actors.runtime.watch import HORIZON, Watch

from .fakes import DAWN, FakeStore, SetClock, clock, envelope, now_s, virtually
from .toy import ANN, KEY, Put, WakeAt, jars


class Stage:
    """A watch over one store; remembers what it was told to do when."""

    def __init__(self) -> None:
        self.store = FakeStore()
        self.reconciled: list[tuple[float, Key]] = []
        self.appointed: list[tuple[float, Key, float]] = []
        self.full = False
        self.unreadable: set[Key] = set()
        self.watch = Watch(self.store, range(SLOTS), clock(), self._reconcile, self._appoint)

    async def _reconcile(self, key: Key, *_version: object) -> None:
        self.reconciled.append((now_s(), key))
        if self.full:
            raise NoRoom("full")
        if key in self.unreadable:
            raise LookupError("no class has this tag")

    def _appoint(self, key: Key, at: datetime) -> None:
        self.appointed.append((now_s(), key, (at - DAWN).total_seconds()))

    async def publish(self, key: Key = KEY) -> None:
        await Turns(jars(), self.store, clock()).take(Memory(), key, envelope(Put(tell=(ANN,)), "op"))

    async def arm(self, seconds: float, key: Key = KEY) -> None:
        message = WakeAt(at=DAWN + timedelta(seconds=seconds))
        await Turns(jars(), self.store, clock()).take(Memory(), key, envelope(message, "op"))

    def begin(self) -> "asyncio.Task[None]":
        return asyncio.create_task(self.watch.run(3))


@virtually
async def test_the_first_look_takes_up_everything() -> None:
    stage = Stage()
    await stage.publish()
    task = stage.begin()
    await asyncio.sleep(0.1)
    assert (stage.reconciled, stage.watch.has_recovered) == ([(0.0, KEY)], True)
    task.cancel()


@virtually
async def test_later_an_outbox_must_have_waited() -> None:
    stage = Stage()
    task = stage.begin()
    await asyncio.sleep(2.5)
    await stage.publish()
    await asyncio.sleep(9)
    assert stage.reconciled[0] == (6.0, KEY)
    task.cancel()


@virtually
async def test_deadlines_are_taken_some_time_ahead() -> None:
    stage = Stage()
    await stage.arm(HORIZON.total_seconds() + 2)
    task = stage.begin()
    await asyncio.sleep(2)
    assert stage.appointed == []
    await asyncio.sleep(2)
    assert stage.appointed == [(3.0, KEY, 32.0)]
    task.cancel()


@virtually
async def test_one_that_nobody_can_read_costs_no_other_its_turn() -> None:
    stage = Stage()
    for key in ("broken", "sound"):
        await stage.publish(key)
    stage.unreadable = {"broken"}
    task = stage.begin()
    await asyncio.sleep(4)
    assert [key for _, key in stage.reconciled] == ["broken", "sound"] * 2
    assert stage.watch.troubles == {"broken": "LookupError('no class has this tag')"}
    stage.unreadable = set()
    await asyncio.sleep(3)
    assert stage.watch.troubles == {}
    task.cancel()


@virtually
async def test_however_many_nobody_can_serve_the_others_are_seen_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "PAGE", 3)
    monkeypatch.setattr(watch_module, "TOGETHER", 2)
    stage = Stage()
    for key in "abcdefg":
        await stage.publish(key)
    task = stage.begin()
    await asyncio.sleep(0.1)
    assert [key for _, key in stage.reconciled] == list("abcdefg")
    task.cancel()


@virtually
async def test_it_goes_on_after_whatever_befalls_it() -> None:
    stage = Stage()
    await stage.publish()
    stage.store.will("owed", broken)
    task = stage.begin()
    await asyncio.sleep(0.1)
    assert (list(stage.watch.troubles), stage.watch.has_recovered) == (["unserved work"], False)
    await asyncio.sleep(0.2)
    assert (stage.reconciled, stage.watch.troubles) == ([(0.2, KEY)], {})
    task.cancel()


async def broken() -> None:
    raise ValueError("no date")


@virtually
async def test_a_store_that_does_not_answer_is_asked_again_soon() -> None:
    stage = Stage()
    await stage.publish()
    stage.store.will("due", "before", "before")
    task = stage.begin()
    await asyncio.sleep(0.3)
    assert stage.watch.has_recovered is False
    await asyncio.sleep(0.3)
    assert (stage.reconciled, stage.watch.has_recovered) == ([(0.4, KEY)], True)
    task.cancel()


@virtually
async def test_where_there_is_no_room_the_others_still_have_their_turn() -> None:
    stage = Stage()
    stage.full = True
    await stage.publish("a")
    await stage.publish("b")
    await stage.watch.look(timedelta(0))
    assert stage.reconciled == [(0.0, "a"), (0.0, "b")]


@virtually
async def test_the_first_look_finds_what_a_clock_that_was_ahead_has_written() -> None:
    stage, ahead = Stage(), SetClock()
    ahead.ahead = timedelta(minutes=10)
    await Turns(jars(), stage.store, ahead).take(Memory(), KEY, envelope(Put(tell=(ANN,)), "op"))
    task = stage.begin()
    await asyncio.sleep(0.1)
    assert stage.reconciled == [(0.0, KEY)]
    task.cancel()
