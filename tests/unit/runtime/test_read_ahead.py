"""What is read beside the first of many: it spares the others the way to the store, and is never taken for fresh."""

import asyncio

import pytest

from actors.runtime import read_ahead
from actors.runtime.envelope import ACKNOWLEDGED
from actors.runtime.lease import Lessor
from actors.runtime.memory import Memory
from actors.runtime.memory_store import MemoryStore
from actors.runtime.message import Key, Leased, Message, Reply
from actors.runtime.read_ahead import PAYS_AT, WINDOW, WINDOW_MAX, WINDOW_MIN, ReadAhead
from actors.runtime.snapshot import Snapshot
from actors.runtime.turn import Turns
from actors.runtime.vouching import Vouching

from .fakes import FakeStore, clock, envelope, virtually
from .toy import ANN, EMPTY, Count, Dropped, Jar, Made, Put, Take, jars

KEYS = [f"jar {n:04}" for n in range(20 * WINDOW)]
FIRST, SECOND, THIRD, *_ = KEYS


class Measured(FakeStore):
    """Knows how far the reads beside a key reached."""

    def __init__(self) -> None:
        super().__init__()
        self.reaches: list[tuple[int, int]] = []

    async def beside(self, key: Key, below: int, above: int) -> list[Snapshot]:
        self.reaches.append((below, above))
        return await super().beside(key, below, above)


class Shelf:
    """Jars that were stored long ago; each turn begins with an empty memory, as after a passivation."""

    def __init__(self) -> None:
        self.store = Measured()
        self.ahead = ReadAhead(self.store)
        lessor = Lessor(Vouching(self.store))
        self.turns = Turns(jars(), self.store, clock(), lessor, self.ahead)

    async def filled(self) -> "Shelf":
        for key in KEYS:
            await self.elsewhere(Jar(id=key, version=0))
        return self

    async def elsewhere(self, jar: Jar) -> None:
        """Another copy stores this."""
        await MemoryStore.commit(self.store, Snapshot(jar.id, jar), None)

    async def take(self, key: str, message: Message) -> Reply:
        """The reply; whatever was begun beside the turn is done."""
        outcome = await self.turns.take(Memory(), key, envelope(message, f"for {key}"))
        await asyncio.sleep(0.001)
        return outcome.reply

    def asked(self) -> list[str]:
        """What the store was asked since the last time, sorted: what happens side by side has no order."""
        calls, self.store.calls = sorted(self.store.calls), []
        return calls


@virtually
async def test_the_first_is_loaded_and_its_neighbours_are_only_committed() -> None:
    shelf = await Shelf().filled()
    assert await shelf.take(FIRST, Put()) == Count(coins=1)
    assert shelf.asked() == ["beside", "commit", "load"]
    for key in KEYS[1 : WINDOW // 2]:
        assert await shelf.take(key, Put()) == Count(coins=1)
    assert shelf.asked() == ["commit"] * (WINDOW // 2 - 1)


@virtually
async def test_who_takes_one_after_the_other_waits_for_the_first_only() -> None:
    """Upwards or downwards: each read ahead begins half-way through the one before it, from where that ends."""
    for step in (1, -1):
        shelf = await Shelf().filled()
        for key in KEYS[100::step][:100] if step < 0 else KEYS[:500]:
            assert await shelf.take(key, Put()) == Count(coins=1)
        asked = shelf.asked()
        assert asked.count("load") == 1
        both, *onward = shelf.store.reaches
        assert both == (WINDOW, WINDOW)
        assert set(onward) == {(0, WINDOW_MAX)} if step > 0 else {(WINDOW_MAX, 0)}


@virtually
async def test_behind_the_last_nothing_more_is_read() -> None:
    shelf = await Shelf().filled()
    for key in KEYS[-WINDOW:]:
        await shelf.take(key, Put())
    assert shelf.store.reaches == [(WINDOW, WINDOW)]


@virtually
async def test_nobody_reads_on_from_an_edge_before_the_read_has_paid() -> None:
    shelf = await Shelf().filled()
    assert shelf.ahead.take(FIRST) is None
    await asyncio.sleep(0.001)
    assert shelf.ahead.take(KEYS[WINDOW // 2 + 1])
    assert len(shelf.store.reaches) == 1


@virtually
async def test_the_nearest_on_both_sides_are_read() -> None:
    shelf = await Shelf().filled()
    shelf.ahead.take(KEYS[100])
    await asyncio.sleep(0.001)
    assert all(shelf.ahead.take(KEYS[100 + n]) for n in (-WINDOW, -1, 1, WINDOW))
    assert [shelf.ahead.take(KEYS[100 + n]) for n in (-WINDOW - 1, WINDOW + 1)] == [None, None]


async def reads_beside(shelf: Shelf, at: int, hits: int) -> tuple[int, int] | None:
    """How far a miss at the place `at` reads, None if it does not; so many neighbours are asked for afterwards."""
    before = len(shelf.store.reaches)
    assert (shelf.ahead.take(KEYS[at]), await asyncio.sleep(0.001)) == (None, None)
    assert all(shelf.ahead.take(KEYS[at + n]) for n in range(1, hits + 1))
    return shelf.store.reaches[-1] if len(shelf.store.reaches) > before else None


@virtually
async def test_each_read_that_paid_lets_the_next_go_at_once_and_reach_twice_as_far() -> None:
    shelf = await Shelf().filled()
    enough = [2 * window // PAYS_AT for window in (64, 128, 128)]
    assert [await reads_beside(shelf, 300 * n, enough[n]) for n in range(3)] == [(64, 64), (128, 128), (128, 128)]


@virtually
async def test_one_that_did_not_pay_lets_the_next_wait_and_reach_a_quarter_as_far() -> None:
    shelf = await Shelf().filled()
    too_few = 2 * WINDOW // PAYS_AT - 1
    assert [await reads_beside(shelf, 0, too_few), await reads_beside(shelf, 300, 0)] == [(WINDOW, WINDOW), None]
    assert await reads_beside(shelf, 600, 0) == (WINDOW // 4, WINDOW // 4)


@virtually
async def test_a_glance_that_pays_is_how_it_finds_out_that_reading_ahead_is_of_use_again() -> None:
    shelf = await Shelf().filled()
    for n in range(100):
        shelf.ahead.take(f"far away {n}")
        await asyncio.sleep(0.001)
    assert shelf.store.reaches[-1] == (WINDOW_MIN, WINDOW_MIN)
    shelf.store.reaches.clear()
    for key in KEYS[200:]:
        shelf.ahead.take(key)
        await asyncio.sleep(0.001)
    assert [reach for reach in shelf.store.reaches if 0 not in reach] == [(WINDOW_MIN, WINDOW_MIN)]
    assert shelf.store.reaches[-1] == (0, WINDOW_MAX)


@virtually
async def test_what_an_earlier_read_brought_does_not_make_the_last_one_pay() -> None:
    shelf = await Shelf().filled()
    await reads_beside(shelf, 0, 2 * WINDOW // PAYS_AT)
    await reads_beside(shelf, 600, 0)
    assert all(shelf.ahead.take(KEYS[n]) for n in range(40, 60))
    assert await reads_beside(shelf, 1200, 0) is None


@virtually
async def test_no_refusal_rests_on_it_before_it_was_compared() -> None:
    shelf = await Shelf().filled()
    await shelf.take(FIRST, Put())
    await shelf.elsewhere(Jar(id=SECOND, version=1, coins=1))
    shelf.asked()
    assert await shelf.take(SECOND, Take()) == Count(coins=0)
    assert shelf.asked() == ["commit", "load", "look"]
    assert isinstance(refused := await shelf.take(THIRD, Take()), Leased)
    assert (refused.refusal, shelf.asked()) == (EMPTY, ["look"])


@virtually
async def test_no_event_is_acknowledged_on_its_word() -> None:
    shelf = await Shelf().filled()
    await shelf.elsewhere(Jar(id=SECOND, version=1, seen=1))
    await shelf.take(FIRST, Put())
    await shelf.elsewhere(Jar(id=SECOND, version=2, seen=0))
    shelf.asked()
    assert await shelf.take(SECOND, Dropped(number=1)) == ACKNOWLEDGED
    assert shelf.asked() == ["commit", "load", "look"]


@virtually
async def test_what_changes_is_not_remembered_as_it_was() -> None:
    shelf, memory = await Shelf().filled(), Memory()
    await shelf.turns.load(memory, SECOND)
    await shelf.take(FIRST, Put())
    await shelf.turns.take(memory, SECOND, envelope(Put()))
    assert shelf.ahead.take(SECOND) is None


@virtually
async def test_what_owes_deliveries_is_read_for_itself() -> None:
    shelf = await Shelf().filled()
    await Turns(jars(), shelf.store, clock()).take(Memory(), SECOND, envelope(Put(tell=(ANN,))))
    await shelf.take(FIRST, Put())
    assert [shelf.ahead.take(key) is None for key in (SECOND, THIRD)] == [True, False]


@virtually
async def test_who_jumps_about_makes_it_look_ahead_ever_more_rarely() -> None:
    shelf = await Shelf().filled()
    reads = []
    for n in range(1000):
        shelf.ahead.take(f"far away {n}")
        await asyncio.sleep(0.001)
        reads += [n + 1] * len(shelf.asked())
    assert reads == [1, 3, 7, 15, 31, 63, 127, 255, 511, 767]
    assert shelf.store.reaches[-1] == (WINDOW_MIN, WINDOW_MIN)


@virtually
async def test_what_comes_into_being_is_not_missed() -> None:
    shelf = Shelf()
    for key in KEYS[:100]:
        await shelf.take(key, Made(coins=1))
    assert shelf.asked() == ["commit"] * 100


@virtually
async def test_it_keeps_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "KEPT_MAX", 10)
    shelf = await Shelf().filled()
    await shelf.take(FIRST, Put())
    assert [key for key in KEYS if shelf.ahead.take(key)] == KEYS[WINDOW - 9 : WINDOW + 1]


@virtually
async def test_where_the_store_does_not_answer_everybody_asks_for_himself() -> None:
    shelf = await Shelf().filled()
    shelf.store.will("beside", "before")
    for key in (FIRST, SECOND):
        assert await shelf.take(key, Put()) == Count(coins=1)
