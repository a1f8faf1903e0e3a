"""What the store in MongoDB answers beside what every supervisor uses it for anyway."""

import asyncio

import pytest

from actors.contract import Id
from actors.opening import Database
from actors.runtime import mongo_store
from actors.runtime.mongo_store import MongoStore
from actors.runtime.snapshot import Snapshot
from actors.runtime.store import Conflict, Unknown
from actors.ticket import Ticket, TicketBehaviour
from tests.unit.runtime.cases import only_the_named_entries_are_cleared, what_is_due_is_found, what_is_owed_is_found
from tests.unit.runtime.toy import jars


async def test_versions_come_in_the_order_of_the_keys_however_many_are_asked_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo_store, "READS_MAX", 2)
    store = MongoStore(database, TicketBehaviour())
    born, edited, unborn = Id(), Id(), Id()
    for key, version in ((born, 0), (edited, 0), (edited, 1)):
        await store.commit(Snapshot(key, Ticket(id=key, version=version)), None)

    assert await store.versions_of([edited, unborn, born, edited, born]) == [1, -1, 0, 1, 0]
    assert await store.versions_of([edited]) == [1]
    assert await store.versions_of([]) == []


async def test_all_who_ask_at_once_get_theirs_though_one_answer_cannot_hold_them(database: Database) -> None:
    store, keys = MongoStore(database, TicketBehaviour()), [Id() for _ in range(5)]
    for key in keys:
        await store.commit(Snapshot(key, Ticket(id=key, version=0, title="a" * 4_000_000)), None)

    found = await asyncio.gather(*map(store.load, keys))

    assert [each and each.key for each in found] == keys


async def test_those_beside_a_key_are_the_nearest_on_both_sides(database: Database) -> None:
    store, keys = MongoStore(database, TicketBehaviour()), sorted(Id() for _ in range(5))
    for key in reversed(keys):
        await store.commit(Snapshot(key, Ticket(id=key, version=0)), None)

    async def beside(n: int, below: int, above: int) -> list[Id]:
        return sorted(each.state.id for each in await store.beside(keys[n], below, above))

    assert await beside(2, 1, 1) == [keys[1], keys[3]]
    assert await beside(1, 2, 2) == [keys[0], keys[2], keys[3]]
    assert await beside(4, 9, 9) == keys[:4]
    assert await beside(2, 0, 1) == [keys[3]]
    assert await beside(2, 1, 0) == [keys[1]]


async def test_one_beside_it_that_nobody_can_read_costs_the_others_nothing(database: Database) -> None:
    store, keys = MongoStore(database, TicketBehaviour()), sorted(Id() for _ in range(3))
    for key in keys:
        await store.commit(Snapshot(key, Ticket(id=key, version=0)), None)
    unread = {"op": "later", "reply": {"type": "reply:of-a-newer-version"}}
    await database.tickets.update_one({"_id": keys[1]}, {"$set": {"remembered": [unread]}})

    assert [each.key for each in await store.beside(keys[0], 0, 2)] == [keys[2]]
    with pytest.raises(LookupError):
        await store.load(keys[1])


@pytest.mark.parametrize(("stored", "version"), [(0, 0), (3, 0), (0, 2), (3, 2)])
async def test_in_a_group_only_the_stale_conflict(database: Database, stored: int, version: int) -> None:
    """Be they first snapshots or later ones, and whatever is stored already."""
    store, keys = MongoStore(database, TicketBehaviour()), [Id() for _ in range(5)]
    stale = keys[2]

    async def commit(key: Id, version: int) -> None:
        await store.commit(Snapshot(key, Ticket(id=key, version=version)), None)

    for at in range(stored + 1):
        await commit(stale, at)
    outcomes = await asyncio.gather(*(commit(key, version) for key in keys), return_exceptions=True)

    assert [isinstance(each, Conflict) for each in outcomes] == [key == stale for key in keys]
    assert await store.versions_of(keys) == [stored if key == stale else version for key in keys]


async def test_who_is_over_is_removed_at_the_right_version_only(database: Database) -> None:
    """Of a group that was not all there nobody knows who was: each looks again, and removes what is left."""
    store, keys = MongoStore(database, TicketBehaviour()), [Id() for _ in range(5)]
    stale, gone = keys[2], keys[4]

    async def commit(key: Id, version: int) -> None:
        await store.commit(Snapshot(key, Ticket(id=key, version=version)), None)

    async def remove(*versions: tuple[Id, int]) -> list[None | BaseException]:
        return await asyncio.gather(*(store.remove(*each) for each in versions), return_exceptions=True)

    for key in keys[:4]:
        await commit(key, 0)
    await commit(stale, 1)
    assert await remove((keys[0], 0)) == [None]
    assert [type(each) for each in await remove(*((key, 0) for key in keys[1:]))] == [Unknown] * 4
    assert await store.versions_of(keys) == [-1, -1, 1, -1, -1]

    await commit(gone, 0)
    assert await remove((stale, 1), (gone, 0)) == [None, None]
    assert await store.versions_of(keys) == [-1] * 5


async def test_only_the_named_entries_are_cleared(database: Database) -> None:
    await only_the_named_entries_are_cleared(MongoStore(database, jars()))


async def test_what_is_owed_is_found_in_the_slots_that_are_asked_for(database: Database) -> None:
    await what_is_owed_is_found(MongoStore(database, jars()))


async def test_what_is_due_too(database: Database) -> None:
    await what_is_due_is_found(MongoStore(database, jars()))
