"""Server-sent events as bytes. Every id is a position from which any replica can go on."""

import msgspec

from serve_app.answers import Json
from serve_app.live.position import Position

_encode = msgspec.json.Encoder().encode


def event(name: str, position: Position, data: Json) -> bytes:
    """One event; JSON has no line breaks, so its data is one line."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (position.encode(), name.encode(), _encode(data))


def hello(position: Position, now: str, retry_ms: int) -> bytes:
    """The first event of every stream: where it begins, the server's time, and how soon to come back when it ends."""
    return b"retry: %d\n%b" % (retry_ms, event("hello", position, {"now": now}))


def reset(position: Position) -> bytes:
    """Changes are missing: the page must load its data again, and go on from `position`."""
    return event("reset", position, {})


def heartbeat(position: Position) -> bytes:
    """Nothing happened until `position`. By its absence a page learns that the connection is dead."""
    return event("beat", position, {})
