"""As much of an AsyncDatabase as the API uses, in memory."""

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from pymongo.errors import DuplicateKeyError

Document = dict[str, Any]

OPERATORS = {
    "$gt": lambda value, bound: value > bound,
    "$gte": lambda value, bound: value >= bound,
    "$lt": lambda value, bound: value < bound,
    "$lte": lambda value, bound: value <= bound,
    "$in": lambda value, choices: value in choices,
    "$exists": lambda value, wanted: (value is not None) == wanted,
    "$regex": lambda value, pattern: re.search(pattern, value, re.IGNORECASE) is not None,
    "$options": lambda value, options: options == "i",
}


class FakeDatabase:
    """Collections by name. While `failure` is set, the calls it names raise (all of them, where it names none)."""

    def __init__(self) -> None:
        self._collections: dict[str, FakeCollection] = {}
        self.failure: tuple[Exception, Sequence[str]] | None = None

    def __getitem__(self, name: str) -> "FakeCollection":
        return self._collections.setdefault(name, FakeCollection(self))

    def get_collection(self, name: str, **_options: Any) -> "FakeCollection":
        return self[name]


class FakeCollection:
    """Documents by `_id`."""

    def __init__(self, database: FakeDatabase) -> None:
        self._database = database
        self.documents: dict[Any, Document] = {}
        self.indexes: list[tuple[Any, dict[str, Any]]] = []
        self.calls: list[str] = []

    async def find_one(self, wanted: Document, fields: Sequence[str] | None = None) -> Document | None:
        self._called("find_one")
        return next((project(each, fields) for each in self.documents.values() if matches(each, wanted)), None)

    def find(self, wanted: Document, fields: Sequence[str] | None = None) -> "FakeCursor":
        found = [project(each, fields) for each in self.documents.values() if matches(each, wanted)]
        return FakeCursor(found, lambda: self._called("find"), lambda: self._called("max_time_ms"))

    async def insert_one(self, document: Document) -> None:
        self._called("insert_one")
        if document["_id"] in self.documents:
            raise DuplicateKeyError("E11000")
        self.documents[document["_id"]] = document

    async def replace_one(self, wanted: Document, document: Document) -> SimpleNamespace:
        self._called("replace_one")
        found = [key for key, each in self.documents.items() if matches(each, wanted)][:1]
        for key in found:
            self.documents[key] = document
        return SimpleNamespace(matched_count=len(found))

    async def delete_one(self, wanted: Document) -> None:
        self._called("delete_one")
        for key in [key for key, each in self.documents.items() if matches(each, wanted)][:1]:
            del self.documents[key]

    async def create_index(self, keys: Any, **options: Any) -> None:
        self.indexes.append((keys, options))

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self._database.failure and (not self._database.failure[1] or name in self._database.failure[1]):
            raise self._database.failure[0]


class FakeCursor:
    """What was found, not yet asked for."""

    def __init__(self, found: list[Document], called: Any, deadline: Any) -> None:
        self._found = found
        self._called = called
        self._deadline = deadline

    def sort(self, order: list[tuple[str, int]]) -> "FakeCursor":
        for name, way in reversed(order):
            self._found.sort(key=lambda each, name=name: each[name], reverse=way < 0)  # type: ignore[misc]
        return self

    def limit(self, count: int) -> "FakeCursor":
        del self._found[count:]
        return self

    def max_time_ms(self, milliseconds: int) -> "FakeCursor":
        assert milliseconds > 0
        self._deadline()
        return self

    async def to_list(self, _length: int | None = None) -> list[Document]:
        self._called()
        return self._found


def matches(document: Document, wanted: Document) -> bool:
    return all(
        any(matches(document, each) for each in condition)
        if name == "$or"
        else holds(value_at(document, name), condition)
        for name, condition in wanted.items()
    )


def value_at(document: Document, path: str) -> Any:
    for name in path.split("."):
        document = document.get(name) if isinstance(document, dict) else None  # type: ignore[assignment]
    return document


def holds(value: Any, condition: Any) -> bool:
    if not isinstance(condition, dict):
        return bool(value == condition)
    return all(OPERATORS[name](value, bound) for name, bound in condition.items())


def project(document: Document, fields: Sequence[str] | None) -> Document:
    """`_id`, and of the rest what is asked for; cursors keep what they are sorted by."""
    if fields is None:
        return dict(document)
    shown = {name: document[name] for name in ("_id", "createdAt", "price", *fields) if name in document}
    for outer, _, inner in (field.partition(".") for field in fields if "." in field):
        if outer in document:
            shown.setdefault(outer, {})[inner] = document[outer][inner]
    return shown
