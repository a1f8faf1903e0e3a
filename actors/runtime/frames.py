"""Cutting a stream of bytes into the frames it was made of: each is its length, four bytes, and its content."""

from collections.abc import Iterator
from struct import Struct

_LENGTH = Struct(">I")
HEAD = _LENGTH.size

CROWD, APART_S = 24, 0.002
"""While more messages than that are under way on a connection, the frames of one direction leave so far apart: a crowd
travels together, for waking a process costs more than all the work for one message. Among few, nobody waits."""


AT_ONCE = 0.0
"""A time that has come: together with whatever else comes in this round of the event loop."""


def leaves_at_s(last_s: float, under_way: int) -> float:
    """When the next frame may leave, after one at `last_s` and with so many messages under way."""
    return last_s + APART_S if under_way > CROWD else AT_ONCE


class FrameTooLarge(Exception):
    """Somebody announces more than anyone of us would send."""


def framed(content: bytes) -> bytes:
    """`content` as a frame."""
    return _LENGTH.pack(len(content)) + content


class Frames:
    """One direction of a connection; keeps the beginning of what has not arrived whole."""

    def __init__(self, bytes_max: int) -> None:
        """No frame may have more content than `bytes_max`, which may be raised between two frames."""
        self.bytes_max = bytes_max
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The contents of the frames that are whole with `data`; to be taken to the end.

        Raises:
            FrameTooLarge: one is announced that may not be so large.
        """
        data = self._rest + data
        at, end = 0, len(data)
        while end - at >= HEAD:
            (length,) = _LENGTH.unpack_from(data, at)
            if length > self.bytes_max:
                raise FrameTooLarge(f"{length} bytes are announced, {self.bytes_max} are allowed")
            if end - at - HEAD < length:
                break
            at += HEAD + length
            yield data[at - length : at]
        self._rest = data[at:]
