"""The same conditions as MongoDB's."""

from datetime import timedelta

import pytest

from actors.runtime.memory_store import MemoryStore
from actors.runtime.message import Decision
from actors.runtime.partition import SLOTS, slot_of
from actors.runtime.snapshot import Snapshot
from actors.runtime.store import Conflict, Due, Owed

from .cases import only_the_named_entries_are_cleared, what_is_due_is_found, what_is_owed_is_found
from .fakes import DAWN, virtually
from .toy import ANN, JARS, Changed, Jar, jars

ALL = range(SLOTS)


def first(key: str, at_s: float = 0, tell: bool = True) -> Snapshot:
    events = (Changed(coins=1, to=(ANN,)),) if tell else ()
    blank = Snapshot(key, Jar(id=key))
    return blank.after(Decision(blank.state.next(), events=events), "op", JARS, DAWN + timedelta(seconds=at_s))


def second(snapshot: Snapshot) -> Snapshot:
    return snapshot.after(Decision(snapshot.state.next(coins=9)), "op/2", JARS, DAWN)


@virtually
async def test_there_is_nothing_at_first() -> None:
    assert await MemoryStore(jars()).load("blue") is None


@virtually
async def test_what_was_committed_is_loaded() -> None:
    store = MemoryStore(jars())
    await store.commit(first("blue"), None)
    await store.commit(second(first("blue")), None)
    assert await store.load("blue") == second(first("blue"))


@virtually
@pytest.mark.parametrize("stored", [(), (0,), (0, 1)])
async def test_only_the_next_version_is_taken(stored: tuple[int, ...]) -> None:
    versions = [first("blue"), second(first("blue")), second(second(first("blue")))]
    for n in range(3):
        store = MemoryStore(jars())
        for each in stored:
            await store.commit(versions[each], None)
        if n == len(stored):
            await store.commit(versions[n], None)
        else:
            with pytest.raises(Conflict):
                await store.commit(versions[n], None)


@virtually
@pytest.mark.parametrize("version", [-1, 0, 2])
async def test_only_the_stored_version_is_removed(version: int) -> None:
    store = MemoryStore(jars())
    await store.commit(first("blue"), None)
    await store.commit(second(first("blue")), None)
    with pytest.raises(Conflict):
        await store.remove("blue", version)
    await store.remove("blue", 1)
    assert await store.load("blue") is None
    await store.clear({"blue": {"what was acknowledged meanwhile"}})


@virtually
async def test_clearing_moves_no_version() -> None:
    store = MemoryStore(jars())
    await store.commit(first("blue"), None)
    await store.clear({"blue": {"jars/blue/0.0", "unheard of"}})
    await store.clear({"blue": {"jars/blue/0.0"}})
    loaded = await store.load("blue")
    assert (loaded.outbox, loaded.version) == ((), 0)


@virtually
async def test_only_the_named_entries_are_cleared() -> None:
    await only_the_named_entries_are_cleared(MemoryStore(jars()))


@virtually
async def test_what_is_owed_or_due_is_found_in_the_slots_that_are_asked_for() -> None:
    await what_is_owed_is_found(MemoryStore(jars()))
    await what_is_due_is_found(MemoryStore(jars()))


@virtually
async def test_what_is_owed_comes_oldest_first_and_only_when_old_enough() -> None:
    store = MemoryStore(jars())
    for key, at_s in (("red", 3), ("blue", 1), ("green", 2)):
        await store.commit(first(key, at_s), None)
    await store.commit(first("silent", 0, tell=False), None)
    owed = await store.owed(ALL, DAWN + timedelta(seconds=2), 10)
    assert owed == [Owed("blue", 0), Owed("green", 0)]
    assert await store.owed(ALL, DAWN + timedelta(seconds=9), 1) == owed[:1]


@virtually
async def test_what_is_due_comes_earliest_first() -> None:
    store = MemoryStore(jars())
    at = {key: DAWN + timedelta(seconds=s) for key, s in (("red", 3), ("blue", 1), ("green", 2))}
    for key, moment in at.items():
        await store.commit(first(key), moment)
    await store.commit(first("never"), None)
    assert await store.due(ALL, at["green"], 10) == [Due("blue", at["blue"]), Due("green", at["green"])]
    assert await store.due(ALL, at["red"], 1) == [Due("blue", at["blue"])]


@virtually
async def test_a_partition_sees_its_own_slots() -> None:
    store = MemoryStore(jars())
    await store.commit(first("blue"), DAWN)
    elsewhere = range(slot_of("blue") + 1, SLOTS)
    assert (await store.owed(elsewhere, DAWN, 9), await store.due(elsewhere, DAWN, 9)) == ([], [])
