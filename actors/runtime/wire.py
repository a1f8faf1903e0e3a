"""Envelopes and replies as bytes, on the way between processes.

Ray would pickle them, which takes a Python call for every part of every message: five times as long.
"""

from collections.abc import Sequence
from functools import cache, reduce
from operator import or_
from typing import Any

from bson import ObjectId
from msgspec import msgpack

from actors.runtime.codec import message_classes
from actors.runtime.envelope import Envelope
from actors.runtime.message import Address, Message, Reply

OBJECT_ID = 1
"""The extension type of MessagePack that an ObjectId travels as."""


def pack(envelopes: Sequence[Envelope]) -> bytes:
    """Envelopes as bytes."""
    return _ENCODER.encode([(each.to.service, each.to.key, each.op, each.message) for each in envelopes])


def unpack(data: bytes) -> list[Envelope]:
    """The envelopes that were packed.

    Raises:
        msgspec.ValidationError: this process does not know one of the messages: another version packed it.
    """
    parts = _decoder().decode(data)
    return [Envelope(Address(service=service, key=key), op, message) for service, key, op, message in parts]


def pack_replies(replies: Sequence[Reply]) -> bytes:
    """Replies as bytes."""
    return _ENCODER.encode(replies)


def unpack_replies(data: bytes) -> list[Reply]:
    """The replies that were packed.

    Raises:
        msgspec.ValidationError: this process does not know one of them: another version packed it.
    """
    return _reply_decoder().decode(data)


def _as_extension(value: Any) -> msgpack.Ext:  # noqa: ANN401  whatever msgspec does not know
    if isinstance(value, ObjectId):
        return msgpack.Ext(OBJECT_ID, value.binary)
    raise TypeError(f"{type(value).__name__} cannot travel")


def _from_extension(code: int, data: memoryview) -> ObjectId:
    if code != OBJECT_ID:
        raise ValueError(f"{code} is no extension type of ours")
    return ObjectId(bytes(data))


def _as_it_is(_kind: type, value: Any) -> Any:  # noqa: ANN401  ObjectIds are what they should be already
    return value


@cache
def _decoder() -> msgpack.Decoder[list[tuple[str, Any, str, Message]]]:
    """Knows every message there is; made at the first call, when all modules are loaded."""
    return _decoder_of(list[tuple[str, Any, str, _any_of(Message)]])  # type: ignore[misc]


@cache
def _reply_decoder() -> msgpack.Decoder[list[Reply]]:
    return _decoder_of(list[_any_of(Reply)])  # type: ignore[misc]


def _any_of(kind: type[Message]) -> Any:  # noqa: ANN401  a union that is put together at run time
    return reduce(or_, message_classes(kind))


def _decoder_of(kind: Any) -> msgpack.Decoder[Any]:  # noqa: ANN401  a type that is put together at run time
    return msgpack.Decoder(kind, ext_hook=_from_extension, dec_hook=_as_it_is)


_ENCODER = msgpack.Encoder(enc_hook=_as_extension)
