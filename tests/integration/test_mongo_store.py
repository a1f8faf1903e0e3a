"""What the store in MongoDB answers beside what every supervisor uses it for anyway."""

import pytest

from actors.bootstrap import Database
from actors.contract import Id
from actors.runtime import mongo_store
from actors.runtime.mongo_store import MongoStore
from actors.runtime.snapshot import Snapshot
from actors.ticket import Ticket, TicketBehaviour


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
