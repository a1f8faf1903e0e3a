"""What is really stored: the stores of all services, their whole history, and a guard at every change."""

from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Set as AbstractSet
from datetime import datetime
from typing import Any, TypeVar

from actors.runtime.behaviour import Behaviour
from actors.runtime.codec import Document
from actors.runtime.memory_store import MemoryStore
from actors.runtime.message import Key
from actors.runtime.snapshot import Snapshot

T = TypeVar("T")

Guard = Callable[["Truth", Document | None, Document | None], None]
"""Looks at every change: the document before and after, None where there is none."""


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("this was not to wait")


class Truth(MemoryStore):
    """The stored snapshots of one service, and all that ever were."""

    def __init__(self, behaviour: Behaviour, guard: Guard, now_s: Callable[[], float]) -> None:
        super().__init__(behaviour)
        self.behaviour = behaviour
        self.service = behaviour.service
        self._guard = guard
        self._now_s = now_s
        self.history: defaultdict[Key, dict[int, tuple[float, Document]]] = defaultdict(dict)
        """When each version was stored, and as what."""

    async def peek(self, key: Key) -> Document | None:
        """The stored document."""
        return self.documents.get(key)

    async def commit(self, snapshot: Snapshot, due: datetime | None) -> None:
        before = self.documents.get(snapshot.key)
        await super().commit(snapshot, due)
        after = self.documents[snapshot.key]
        self._guard(self, before, after)
        self.history[snapshot.key][after["version"]] = (self._now_s(), after)

    async def remove(self, key: Key, version: int) -> None:
        before = self.documents.get(key)
        await super().remove(key, version)
        self._guard(self, before, None)

    async def clear(self, entries: Mapping[Key, AbstractSet[str]]) -> None:
        before = {key: self.documents.get(key) for key in entries}
        await super().clear(entries)
        for key, document in before.items():
            if document is not None:
                self._guard(self, document, self.documents[key])
