"""Fields of a stored document, each of the type that it must have. Pure."""

from typing import Any, TypeVar

T = TypeVar("T")


class ForeignField(Exception):
    """A field is missing or of another type: its path (`ticket.price`)."""


def field(document: Any, path: str, kind: type[T]) -> T:  # noqa: ANN401  a document, if it is one
    """What is stored under `path`.

    Raises:
        ForeignField: nothing is, or something of another type.
    """
    found = value_at(document, path)
    # To Python a truth is a number as well, to MongoDB it is none.
    if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
        raise ForeignField(path)
    return found


def field_or_none(document: Any, path: str, kind: type[T]) -> T | None:  # noqa: ANN401  a document, if it is one
    """The same where there need be nothing.

    Raises:
        ForeignField: something of another type is stored there.
    """
    return None if value_at(document, path) is None else field(document, path, kind)


def value_at(document: Any, path: str) -> Any:  # noqa: ANN401  whatever is stored there
    """What is stored under `path`, whatever it is; None for nothing."""
    for name in path.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    return document
