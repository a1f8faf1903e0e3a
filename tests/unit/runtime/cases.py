"""What every store must do, in memory and in MongoDB."""

from datetime import timedelta
from itertools import count

from actors.runtime.partition import slot_of
from actors.runtime.snapshot import OutboxEntry, Snapshot
from actors.runtime.store import Due, Owed, Store

from .fakes import DAWN
from .toy import ANN, KEY, Changed, Jar

SLOTS = range(1000, 1010)
BELOW, FIRST, MIDDLE, LAST, ABOVE = (
    next(key for n in count() if slot_of(key := f"jar {n}") == slot)
    for slot in (SLOTS.start - 1, SLOTS.start, SLOTS.start + 1, SLOTS.stop - 1, SLOTS.stop)
)
"""Keys in these slots, and just beside them."""

WHEN = {LAST: DAWN, FIRST: DAWN + timedelta(seconds=1), MIDDLE: DAWN + timedelta(seconds=2), BELOW: DAWN, ABOVE: DAWN}


def owing(key: str, *entries: str) -> Snapshot:
    """The first snapshot of a jar, with these entries in its outbox."""
    at, news = WHEN.get(key, DAWN), Changed(coins=1, to=(ANN,))
    return Snapshot(key, Jar(id=key, version=0), tuple(OutboxEntry(each, at, news) for each in entries))


async def only_the_named_entries_are_cleared(store: Store) -> None:
    """Another entry stays, the version too."""
    await store.commit(owing(KEY, "a", "b"), None)
    await store.clear({KEY: {"a"}})
    await store.commit(owing(LAST), None)  # lasts, and so does what was written before: now it is read
    assert await store.load(KEY) == owing(KEY, "b")


async def what_is_owed_is_found(store: Store) -> None:
    """In these slots only, the oldest first, from a place on, as many as wanted, those of the last moment included."""
    for key in WHEN:
        await store.commit(owing(key, "a"), None)
    assert await store.owed(SLOTS, WHEN[FIRST], 9) == [Owed(LAST, 0), Owed(FIRST, 0)]
    assert await store.owed(SLOTS, WHEN[MIDDLE], 2) == [Owed(LAST, 0), Owed(FIRST, 0)]
    assert await store.owed(SLOTS, WHEN[MIDDLE], 1, skip=1) == [Owed(FIRST, 0)]
    assert await store.owed(SLOTS, WHEN[MIDDLE], 9, skip=2) == [Owed(MIDDLE, 0)]


async def what_is_due_is_found(store: Store) -> None:
    """In these slots only, the earliest first, as many as wanted, those of the last moment included."""
    for key, at in WHEN.items():
        await store.commit(owing(key), at)
    assert await store.due(SLOTS, WHEN[FIRST], 9) == [Due(LAST, WHEN[LAST]), Due(FIRST, WHEN[FIRST])]
    assert await store.due(SLOTS, WHEN[MIDDLE], 2) == [Due(LAST, WHEN[LAST]), Due(FIRST, WHEN[FIRST])]
