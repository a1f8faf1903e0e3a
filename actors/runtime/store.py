"""What the runtime asks of the place where snapshots are kept."""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from actors.runtime.message import Key
from actors.runtime.snapshot import Snapshot


class Conflict(Exception):
    """Another copy of this actor has committed: the state this change was decided on is stale."""


class Unknown(Exception):
    """The store did not say whether it has done what it was asked to."""


class Owed(Struct, frozen=True):
    """A snapshot whose outbox has waited a while."""

    key: Key
    version: int


class Due(Struct, frozen=True):
    """A snapshot that wants to be woken at `at`."""

    key: Key
    at: datetime


class Store(Protocol):
    """Snapshots of one service.

    Reads see what a majority has, from the primary: every commit that was acknowledged, but for the seconds in which
    one that was voted out does not know it yet.
    """

    async def load(self, key: Key) -> Snapshot | None:
        """The snapshot of one actor, None if none is stored.

        Raises:
            Unknown: the store does not answer.
        """
        ...

    async def beside(self, key: Key, below: int, above: int) -> list[Snapshot]:
        """The snapshots with the keys next to `key`, up to so many on either side, in no order.

        Raises:
            Unknown: the store does not answer.
        """
        ...

    async def versions_of(self, keys: Sequence[Key]) -> list[int]:
        """The version of each snapshot, -1 where none is stored: much less to read, for who knows the rest.

        Raises:
            Unknown: the store does not answer.
        """
        ...

    async def commit(self, snapshot: Snapshot, due: datetime | None) -> None:
        """Store `snapshot` if the one before it, by version, is still the stored one.

        Raises:
            Conflict: it is not; nothing was written.
            Unknown: it may or may not have been stored.
        """
        ...

    async def remove(self, key: Key, version: int) -> None:
        """Remove the snapshot of an actor that is over, if it is still stored at `version`.

        Raises:
            Conflict: it is not; nothing was removed. A store that removes many at once may not know whose fault it was,
                and says `Unknown` to all of them.
            Unknown: it may or may not have been removed.
        """
        ...

    async def clear(self, entries: Mapping[Key, AbstractSet[str]]) -> None:
        """Take acknowledged entries out of the outboxes of these actors; versions stay.

        Raises:
            Unknown: it may or may not have happened; it can be repeated.
        """
        ...

    async def owed(self, slots: range, before: datetime, limit: int, skip: int = 0) -> list[Owed]:
        """Up to `limit` snapshots in `slots` with outboxes older than `before`, the oldest first, from `skip` on.

        Raises:
            Unknown: the store does not answer.
        """
        ...

    async def due(self, slots: range, until: datetime, limit: int) -> list[Due]:
        """Up to `limit` snapshots in `slots` that want to be woken by `until`, earliest first.

        Raises:
            Unknown: the store does not answer.
        """
        ...
