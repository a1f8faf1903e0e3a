"""Positions in the history of changes: MongoDB's resume tokens, as text.

MongoDB documents that the `_data` of its tokens is hexadecimal and sorts like the history itself. It begins with the
time of the change (a type byte, seconds, a counter), so that a time alone is a position too: before all its changes.
"""

import re

from bson import Timestamp

Position = str
"""A place in the history; of two the lesser is the older."""

_TIMESTAMP = "82"
"""The byte that says that a timestamp follows."""

_SHAPE = re.compile(_TIMESTAMP + "[0-9A-F]{16,998}")


def is_position(text: str) -> bool:
    """Whether `text` looks like a position; whether history still has it is another question."""
    return _SHAPE.fullmatch(text) is not None


def position_at(time: Timestamp) -> Position:
    """The position before all changes of this moment."""
    return f"{_TIMESTAMP}{time.time:08X}{time.inc:08X}"


def time_of(position: Position) -> Timestamp:
    """The moment of a position."""
    return Timestamp(int(position[2:10], 16), int(position[10:18], 16))


def is_moment(position: Position) -> bool:
    """Whether it is a time alone, which MongoDB does not know as a token."""
    return len(position) == 18


def earlier(position: Position, by_s: int) -> Position:
    """The position `by_s` seconds before."""
    return position_at(Timestamp(max(0, time_of(position).time - by_s), 0))
