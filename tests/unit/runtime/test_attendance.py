"""Work outside of turns, for as long as an actor's state is due."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

from actors.runtime.actor import Actor
from actors.runtime.attendance import LOOK_MAX_S, PACES, WORK_MAX_S, Attendances
from actors.runtime.clearing import Clearing
from actors.runtime.memory import Memory
from actors.runtime.message import Message, Wake
from actors.runtime.partition import slot_of
from actors.runtime.turn import Turns

from .fakes import DAWN, FakeStore, FakeTransport, at_home, clock, envelope, now_s, virtually
from .toy import KEY, Jar, Put, WakeAt, jars

DUE = WakeAt(at=DAWN)
PATIENT = WakeAt(at=DAWN, is_patient=True)


class Stage:
    """One jar that may be due, and a task that works on it when `work` lets it: the jar is then woken and not due."""

    def __init__(self) -> None:
        self.store = FakeStore()
        self.turns = Turns(jars(), self.store, clock())
        self.worked: list[tuple[float, int]] = []
        self.work: Callable[[], Message | None] = Wake
        self.attendances = Attendances(at_home(lambda _: self.actor), clock(), self._task, at_once_max=64)
        self.actor = Actor(KEY, self.turns, Clearing(self.store), FakeTransport(), self.attendances.changed)

    async def _task(self, state: Jar) -> Message | None:
        self.worked.append((now_s(), state.version))
        await asyncio.sleep(0.01)
        return self.work()

    def fail(self) -> Message:
        raise LookupError("not yet")

    async def submit(self, message: Message, op: str) -> None:
        await self.actor.submit(envelope(message, op))

    async def elsewhere(self, message: Message, op: str) -> None:
        """Another copy takes a turn."""
        await self.turns.take(Memory(), KEY, envelope(message, op))

    @property
    def coins(self) -> int:
        return self.store.documents[KEY]["coins"]


@virtually
async def test_the_actor_is_told_what_came_of_the_work() -> None:
    stage = Stage()
    await stage.submit(DUE, "1")
    stage.attendances.attend(KEY)
    stage.attendances.attend(KEY)
    await asyncio.sleep(9)
    assert (stage.coins, stage.worked) == (100, [(0.0, 0)])


@virtually
async def test_what_was_committed_just_now_needs_no_further_look() -> None:
    stage = Stage()
    await stage.submit(DUE, "1")
    stage.attendances.attend(KEY)
    await asyncio.sleep(9)
    assert stage.store.calls == ["load", "commit", "commit"]


@virtually
async def test_only_so_many_are_worked_on_at_the_same_time() -> None:
    """Three jars take turns at a bench with room for two."""
    store, busy, most = FakeStore(), 0, 0
    turns = Turns(jars(), store, clock())
    actors = {
        key: Actor(key, turns, Clearing(store), FakeTransport(), lambda _: None) for key in ("blue", "green", "red")
    }

    async def work(_: Jar) -> Message:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(1)
        busy -= 1
        return Wake()

    attendances = Attendances(at_home(lambda key: actors[str(key)]), clock(), work, at_once_max=2)
    for key, actor in actors.items():
        await actor.submit(envelope(DUE, key))
        attendances.attend(key)
    await asyncio.sleep(1.5)
    assert (most, busy) == (2, 1)
    await asyncio.sleep(1)
    assert [document["coins"] for document in store.documents.values()] == [100, 100, 100]


@virtually
async def test_what_is_not_due_is_left_alone() -> None:
    stage = Stage()
    await stage.submit(WakeAt(at=DAWN + timedelta(seconds=60)), "1")
    stage.attendances.attend(KEY)
    await asyncio.sleep(9)
    assert stage.worked == []


@virtually
async def test_what_is_not_in_memory_is_loaded() -> None:
    stage = Stage()
    await stage.elsewhere(DUE, "1")
    stage.attendances.attend(KEY)
    await asyncio.sleep(9)
    assert stage.coins == 100


@virtually
async def test_memory_alone_does_not_say_that_there_is_nothing_to_do() -> None:
    stage = Stage()
    await stage.submit(Put(), "1")
    await stage.elsewhere(DUE, "2")
    stage.attendances.attend(KEY)
    await asyncio.sleep(9)
    assert stage.coins == 101


@virtually
async def test_work_that_has_nothing_to_tell_yet_is_tried_again_and_is_no_trouble() -> None:
    stage = Stage()
    stage.work = lambda: None
    await stage.submit(DUE, "1")
    stage.attendances.attend(KEY)
    await asyncio.sleep(3)
    assert [at for at, _ in stage.worked] == [0.0, 0.21, 0.62, 1.43]
    assert stage.attendances.troubles == {}


@virtually
async def test_what_can_wait_is_looked_at_ever_more_rarely() -> None:
    stage = Stage()
    stage.work = lambda: None
    await stage.submit(PATIENT, "1")
    stage.attendances.attend(KEY)
    await asyncio.sleep(24 * 3_600)
    rests = [round(later - sooner - 0.01, 3) for (sooner, _), (later, _) in pairwise(stage.worked)]
    pace = 1 + slot_of(KEY) % PACES / PACES
    assert rests[:8] == [round(each * pace, 3) for each in (2, 4, 8, 16, 32, 64, 128, LOOK_MAX_S)]
    assert set(rests[8:]) == {round(LOOK_MAX_S * pace, 3)}


@virtually
async def test_after_news_the_next_try_is_soon_again() -> None:
    stage = Stage()
    stage.work = lambda: None
    await stage.submit(PATIENT, "1")
    stage.attendances.attend(KEY)
    await asyncio.sleep(3_600)
    stage.work = stage.fail
    stage.worked.clear()
    await stage.submit(DUE, "2")
    await asyncio.sleep(1)
    assert [round(at - 3_600, 3) for at, _ in stage.worked] == [0, 0.21, 0.62]


@virtually
async def test_failing_work_is_tried_again_with_backoff_and_shown() -> None:
    stage = Stage()
    stage.work = stage.fail
    await stage.submit(DUE, "1")
    stage.attendances.attend(KEY)
    await asyncio.sleep(3)
    assert [at for at, _ in stage.worked] == [0.0, 0.21, 0.62, 1.43]
    assert stage.attendances.troubles == {KEY: "not yet"}
    stage.work = Wake
    await asyncio.sleep(3)
    assert (stage.coins, stage.attendances.troubles) == (100, {})


@virtually
async def test_work_that_hangs_counts_as_failed_after_a_while() -> None:
    stage = Stage()
    await stage.submit(DUE, "1")

    async def hang(_: Jar) -> Message:
        await asyncio.Future()
        raise AssertionError("nobody ends it")

    attendances = Attendances(at_home(lambda _: stage.actor), clock(), hang, at_once_max=1)
    attendances.attend(KEY)
    await asyncio.sleep(WORK_MAX_S + 0.1)
    assert attendances.troubles == {KEY: "TimeoutError()"}


@virtually
async def test_backoff_is_capped() -> None:
    stage = Stage()
    stage.work = stage.fail
    await stage.submit(DUE, "1")
    stage.attendances.attend(KEY)
    await asyncio.sleep(120)
    gaps = [round(later - earlier, 3) for (earlier, _), (later, _) in zip(stage.worked, stage.worked[1:], strict=False)]
    assert gaps[-1] == 20.01


@virtually
async def test_a_new_state_is_worked_on_at_once() -> None:
    stage = Stage()
    stage.work = stage.fail
    await stage.submit(DUE, "1")
    stage.attendances.attend(KEY)
    await asyncio.sleep(2)
    await stage.submit(Put(), "2")
    await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    assert stage.worked[-1] == (2.0, 1)


@virtually
async def test_what_another_copy_has_changed_is_seen_before_the_next_try() -> None:
    stage = Stage()
    stage.work = stage.fail
    await stage.submit(DUE, "1")
    stage.attendances.attend(KEY)
    await asyncio.sleep(2)
    await stage.elsewhere(Put(), "2")
    await asyncio.sleep(2)
    assert stage.worked[-1][1] == 1


@virtually
async def test_a_store_that_fails_is_asked_again() -> None:
    stage = Stage()
    await stage.elsewhere(DUE, "1")
    stage.store.will("load", "before", "before")
    stage.attendances.attend(KEY)
    await asyncio.sleep(9)
    assert stage.coins == 100


@virtually
async def test_closing_stops_at_once() -> None:
    stage = Stage()
    await stage.submit(DUE, "1")
    stage.attendances.attend(KEY)
    await asyncio.sleep(0)
    stage.attendances.close()
    await asyncio.sleep(9)
    assert stage.coins == 0


@virtually
async def test_what_has_changed_while_it_waited_for_its_turn_is_worked_on_as_it_is_then() -> None:
    """One bench for two jars: the second jar's state changes, or is settled, before the bench is free."""
    store, worked = FakeStore(), []
    turns = Turns(jars(), store, clock())
    actors = {
        key: Actor(key, turns, Clearing(store), FakeTransport(), lambda _: None) for key in ("blue", "green", "red")
    }

    async def work(state: Jar) -> Message:
        worked.append(state.coins)
        await asyncio.sleep(1)
        return Wake()

    attendances = Attendances(at_home(lambda key: actors[str(key)]), clock(), work, at_once_max=1)
    for key, actor in actors.items():
        await actor.submit(envelope(DUE, key))
        attendances.attend(key)
    await asyncio.sleep(0.5)
    await actors["green"].submit(envelope(Put(), "more"))
    await actors["red"].submit(envelope(Wake(), "settled"))
    await asyncio.sleep(9)
    assert worked == [0, 1]


@virtually
async def test_what_cannot_wait_any_more_leaves_the_line() -> None:
    """A bench for two, and one place for what can wait: the second jar would have to wait for a second."""
    store, worked = FakeStore(), []
    turns = Turns(jars(), store, clock())

    async def work(state: Jar) -> Message:
        worked.append((now_s(), state.can_wait))
        await asyncio.sleep(1)
        return Wake()

    attendances = Attendances(at_home(lambda key: actors[str(key)]), clock(), work, at_once_max=2)
    actors = {
        key: Actor(key, turns, Clearing(store), FakeTransport(), attendances.changed) for key in ("blue", "green")
    }
    for key, actor in actors.items():
        await actor.submit(envelope(WakeAt(at=DAWN, is_patient=True), key))
        attendances.attend(key)
    await asyncio.sleep(0.5)
    assert worked == [(0, True)]
    await actors["green"].submit(envelope(DUE, "somebody waits"))
    await asyncio.sleep(9)
    assert worked == [(0, True), (0.5, False)]
    assert [document["coins"] for document in store.documents.values()] == [100, 100]
