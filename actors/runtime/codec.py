"""Records to BSON documents and back."""

from functools import cache
from typing import Any, TypeVar

import msgspec

from actors.runtime.message import Message, Record

Document = dict[str, Any]
R = TypeVar("R", bound=Record)


def to_document(record: Record) -> Document:
    """`record` as a document: its stored names, without what is None, and with its tag if it is a message."""
    document: Document = {"type": tag} if isinstance(tag := record.__struct_config__.tag, str) else {}
    for name, stored in zip(record.__struct_fields__, record.__struct_encode_fields__, strict=True):
        value = getattr(record, name)
        if value is not None:
            document[stored] = _stored(value)
    return document


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
    for kind in _descendants(Message):
        if kind.__struct_config__.tag == tag:
            return kind
    raise LookupError(f"no message is called {tag!r}: was it written by a newer version?")


def _descendants(kind: type[Message]) -> list[type[Message]]:
    below = kind.__subclasses__()
    return below + [deeper for child in below for deeper in _descendants(child)]


def _as_it_is(_kind: type, value: Any) -> Any:  # noqa: ANN401  ObjectIds pass through unchanged
    return value
