"""A store in memory, for simulations and unit tests: the same documents and conditions as MongoDB's."""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from datetime import datetime

from actors.runtime.behaviour import Behaviour
from actors.runtime.codec import Document
from actors.runtime.message import Key
from actors.runtime.snapshot import Snapshot, from_stored, to_stored
from actors.runtime.store import Conflict, Due, Owed


class MemoryStore:
    """Snapshots of one service in a dict of documents, encoded and decoded as for the database."""

    def __init__(self, behaviour: Behaviour) -> None:
        """Keep the snapshots of `behaviour`'s actors."""
        self._behaviour = behaviour
        self.documents: dict[Key, Document] = {}

    async def load(self, key: Key) -> Snapshot | None:
        """The snapshot of one actor, None if there never was one."""
        document = self.documents.get(key)
        return from_stored(document, self._behaviour) if document else None

    async def beside(self, key: Key, below: int, above: int) -> list[Snapshot]:
        """The snapshots with the keys next to `key`, up to so many on either side, in no order."""
        lower = sorted((each for each in self.documents if each < key), reverse=True)[:below]
        upper = sorted(each for each in self.documents if each > key)[:above]
        return [from_stored(self.documents[each], self._behaviour) for each in lower + upper]

    async def versions_of(self, keys: Sequence[Key]) -> list[int]:
        """The version of each snapshot, -1 where there never was one."""
        return [self.documents[key]["version"] if key in self.documents else -1 for key in keys]

    async def commit(self, snapshot: Snapshot, due: datetime | None) -> None:
        """Store `snapshot` if the one before it is still the stored one."""
        self._demand(snapshot.key, snapshot.version - 1)
        self.documents[snapshot.key] = to_stored(snapshot, due)

    async def remove(self, key: Key, version: int) -> None:
        """Remove the snapshot of an actor that is over, if it is still stored at `version`."""
        self._demand(key, version)
        del self.documents[key]

    def _demand(self, key: Key, version: int) -> None:
        stored = self.documents.get(key)
        if (stored["version"] if stored else -1) != version:
            raise Conflict(f"{self._behaviour.service}/{key} is not at version {version}")

    async def clear(self, entries: Mapping[Key, AbstractSet[str]]) -> None:
        """Take acknowledged entries out of outboxes."""
        for key, gone in entries.items():
            document = self.documents.get(key)
            if document is not None:
                left = [entry for entry in document.get("outbox", ()) if entry["id"] not in gone]
                self.documents[key] = document | {"outbox": left}

    async def owed(self, slots: range, before: datetime, limit: int, skip: int = 0) -> list[Owed]:
        """Up to `limit` snapshots in `slots` with outboxes older than `before`, the oldest first, from `skip` on."""
        found = [
            (min(entry["at"] for entry in document["outbox"]), document)
            for document in self.documents.values()
            if document["slot"] in slots and document.get("outbox")
        ]
        waiting = sorted((each for each in found if each[0] <= before), key=lambda each: each[0])
        return [Owed(document["_id"], document["version"]) for _, document in waiting[skip : skip + limit]]

    async def due(self, slots: range, until: datetime, limit: int) -> list[Due]:
        """Up to `limit` snapshots in `slots` that want to be woken by `until`, earliest first."""
        found = [
            Due(document["_id"], document["due"])
            for document in self.documents.values()
            if document["slot"] in slots and document.get("due") and document["due"] <= until
        ]
        return sorted(found, key=lambda each: each.at)[:limit]
