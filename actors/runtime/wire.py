"""Envelopes and replies as bytes, on the way between processes.

Pickling them takes a Python call for every part of every message: five times as long.
"""

from collections.abc import Sequence
from functools import cache, reduce
from operator import or_
from typing import Any

from bson import ObjectId
from msgspec import Raw, Struct, msgpack

from actors.runtime.codec import message_class, message_classes
from actors.runtime.envelope import Envelope
from actors.runtime.message import Address, Key, Leased, Message, Refused, Reply

OBJECT_ID = 1
"""The extension type of MessagePack that an ObjectId travels as."""


class Call(Struct, frozen=True, gc=False):
    """Messages that are sent together; the first has the number `first`, the others those after it."""

    first: int
    map_version: int
    envelopes: Sequence[Envelope]
    returned: int = 0
    """How many leases that were taken back the sender has given back so far."""

    renew: Sequence[tuple[Key, int]] = ()
    """The leases that it would like to begin anew: whose, and at which version."""

    refused: int = 0
    """How many messages it has refused by its leases so far."""


class Gift(Struct, frozen=True, gc=False):
    """A lease that nobody has asked for."""

    key: Key
    kind: type[Message]
    """The messages that are refused."""

    leased: Leased


class Word(Struct, frozen=True, gc=False):
    """What comes back."""

    replies: Sequence[tuple[int, Reply]]
    """Each with the number of its message."""

    taken_back: Sequence[Key] = ()
    """Whose leases end with this, those that it brings included."""

    renewed: Sequence[Key] | None = None
    """Whose leases begin anew; None where nobody has asked."""

    given: Sequence[Gift] = ()
    given_after: int = 0
    """How many calls had come when the first of those was given."""


def pack_call(call: Call) -> bytes:
    """A call as bytes."""
    parts = [(each.to.service, each.to.key, each.op, each.message) for each in call.envelopes]
    return _ENCODER.encode((call.first, call.map_version, parts, call.returned, call.renew, call.refused))


def unpack_call(data: bytes) -> Call:
    """The call that was packed.

    Raises:
        msgspec.ValidationError: this process does not know one of the messages: another version packed it.
        msgspec.DecodeError: nobody packed it.
    """
    first, map_version, parts, returned, renew, refused = _decoder().decode(data)
    envelopes = [Envelope(Address(service=service, key=key), op, message) for service, key, op, message in parts]
    return Call(first, map_version, envelopes, returned, renew, refused)


def unpack_rest(data: bytes) -> tuple[range, Call]:
    """The numbers of the messages in a call, whatever they say, and the call without them.

    Raises:
        msgspec.DecodeError: nobody packed it.
    """
    first, map_version, parts, returned, renew, refused = _REST.decode(data)
    return range(first, first + len(parts)), Call(first, map_version, [], returned, renew, refused)


def pack_word(word: Word) -> bytes:
    """A word as bytes."""
    parts = [(n, r.refusal, (r.version, r.for_s)) if isinstance(r, Leased) else (n, r, None) for n, r in word.replies]
    gifts = [
        (gift.key, gift.kind.__struct_config__.tag, gift.leased.refusal, gift.leased.version, gift.leased.for_s)
        for gift in word.given
    ]
    return _ENCODER.encode((parts, word.taken_back, word.renewed, gifts, word.given_after))


def unpack_word(data: bytes) -> Word:
    """The word that was packed.

    Raises:
        msgspec.ValidationError: this process does not know one of its replies: another version packed it.
        msgspec.DecodeError: nobody packed it.
    """
    parts, taken_back, renewed, gifts, given_after = _word_decoder().decode(data)
    replies = [(n, _with_lease(reply, *lease) if lease else reply) for n, reply, lease in parts]
    given = [Gift(key, message_class(tag), Leased(refusal=r, version=v, for_s=s)) for key, tag, r, v, s in gifts]
    return Word(replies, taken_back, renewed, given, given_after)


def _with_lease(reply: Reply, version: int, for_s: float) -> Reply:
    return Leased(refusal=reply, version=version, for_s=for_s) if isinstance(reply, Refused) else reply


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


_Call = tuple[int, int, list[tuple[str, Any, str, Message]], int, list[tuple[Key, int]], int]
"""The fields of a `Call`, and of each envelope."""


@cache
def _decoder() -> msgpack.Decoder[_Call]:
    """Knows every message there is; made at the first call, when all modules are loaded."""
    envelopes: Any = list[tuple[str, Any, str, _any_of(Message)]]  # type: ignore[misc]
    return _decoder_of(tuple[int, int, envelopes, int, list[tuple[Any, int]], int])


_Parts = list[tuple[int, Reply, tuple[int, float] | None]]
"""Replies with the numbers of their messages and, where they are leased, at which version and for how many seconds."""


_Gifts = list[tuple[Key, str, Refused, int, float]]
"""On what, for messages of which tag, the refusal, at which version and for how many seconds."""


@cache
def _word_decoder() -> msgpack.Decoder[tuple[_Parts, list[Key], list[Key] | None, _Gifts, int]]:
    parts: Any = list[tuple[int, _any_of(Reply), tuple[int, float] | None]]  # type: ignore[misc]
    refusals: Any = reduce(or_, message_classes(Refused), Refused)
    gifts: Any = list[tuple[Any, str, refusals, int, float]]
    return _decoder_of(tuple[parts, list[Any], list[Any] | None, gifts, int])


def _any_of(kind: type[Message]) -> Any:  # noqa: ANN401  a union that is put together at run time
    return reduce(or_, message_classes(kind))


def _decoder_of(kind: Any) -> msgpack.Decoder[Any]:  # noqa: ANN401  a type that is put together at run time
    return msgpack.Decoder(kind, ext_hook=_from_extension, dec_hook=_as_it_is)


_ENCODER = msgpack.Encoder(enc_hook=_as_extension)
_REST = _decoder_of(tuple[int, int, list[Raw], int, list[tuple[Any, int]], int])
