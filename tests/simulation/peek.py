"""What the reconciliation sees of the database: the payments, through one process's faulty eyes."""

from typing import Any

from .store import FaultyStore


class Peek:
    """As much of a pymongo database as finds one payment."""

    def __init__(self, store: FaultyStore) -> None:
        self._store = store

    def get_collection(self, name: str) -> "Peek":
        return self

    async def find_one(self, query: dict[str, Any], projection: Any = None) -> dict[str, Any] | None:
        return await self._store.peek(query["_id"])
