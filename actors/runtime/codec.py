"""Records to BSON documents and back."""

from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import msgspec
from bson import ObjectId

from actors.runtime.message import Message, Record

Document = dict[str, Any]
R = TypeVar("R", bound=Record)

PLAIN = frozenset({str, int, bool, datetime, ObjectId})
"""What is stored as it is; most fields are of these types."""


def to_document(record: Record) -> Document:
    """`record` as a document: its stored names, without what is None, and with its tag if it is a message."""
    tag, names = _layout(type(record))
    document: Document = {} if tag is None else {"type": tag}
    for name, stored in names:
        value = getattr(record, name)
        if value is not None:
            document[stored] = value if type(value) in PLAIN else _stored(value)
    return document


@cache
def _layout(kind: type[Record]) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """The tag of a kind of record, and its fields with the names they are stored under."""
    tag = kind.__struct_config__.tag
    names = zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
    return tag if isinstance(tag, str) else None, tuple(names)


def _stored(value: Any) -> Any:  # noqa: ANN401  whatever a field may hold
    if isinstance(value, Record):
        return to_document(value)
    return [_stored(each) for each in value] if isinstance(value, tuple | list) else value


def from_document(document: Document, kind: type[R]) -> R:
    """The record of type `kind` in `document`; names it does not know are passed over.

    Raises:
        msgspec.ValidationError: a field is missing or of another type.
    """
    return msgspec.convert(document, kind, dec_hook=_as_it_is)


def message_from_document(document: Document) -> Message:
    """The message in `document`, of the class whose tag it carries.

    Raises:
        LookupError: no class has this tag.
    """
    return from_document(document, message_class(document["type"]))


@cache
def message_class(tag: str) -> type[Message]:
    """The class of messages called `tag` (`order:created`)."""
    for kind in message_classes(Message):
        if kind.__struct_config__.tag == tag:
            return kind
    raise LookupError(f"no message is called {tag!r}: was it written by a newer version?")


def message_classes(kind: type[Message]) -> tuple[type[Message], ...]:
    """The classes of messages below `kind`, all that are loaded."""
    below = kind.__subclasses__()
    return (*below, *(deeper for child in below for deeper in message_classes(child)))


def _as_it_is(_kind: type, value: Any) -> Any:  # noqa: ANN401  ObjectIds pass through unchanged
    return value
