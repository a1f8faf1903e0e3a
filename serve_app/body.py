"""Reading a request's JSON body, whatever was sent."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from serve_app.refusals import INVALID_BODY, REQUEST_TIMEOUT, ApiError

Body = dict[str, Any]

BODY_MAX_S = 20.0
"""Seconds that a body may take to arrive: whoever sends it drop by drop keeps a place for nothing."""

_INT_DIGITS_MAX = 18
_NOT_A_NUMBER = Decimal("NaN")


async def read_body(request: Request) -> Body:
    """The JSON object in the body; numbers with a fraction come as Decimals, exactly as they were written.

    Raises:
        ApiError: it is not JSON, not an object, too large (see `guard`), or too slow.
    """
    raw = await _bytes_of(request)
    try:
        body = _DECODER.decode(raw.decode())
    except (ValueError, RecursionError):
        raise ApiError(INVALID_BODY) from None
    if not isinstance(body, dict):
        raise ApiError(INVALID_BODY)
    return body


async def _bytes_of(request: Request) -> bytes:
    """The whole body; what `Request.body` does with a generator in between, which takes as long as all else here.

    Nearly every body comes in one piece, and needs no timer: HAProxy itself waits a minute at most for the next bytes.

    Raises:
        ClientDisconnect: the client left in the middle of it.
        ApiError: the rest of it did not come in time.
    """
    message = await request.receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        piece: bytes = message.get("body", b"")
        return piece
    async with in_time():
        return await _pieces_from(message, request)


async def _pieces_from(message: Message, request: Request) -> bytes:
    """The pieces of a body that begins with `message`."""
    pieces: bytes = b""
    while message["type"] != "http.disconnect":
        pieces += message.get("body", b"")
        if not message.get("more_body", False):
            return pieces
        message = await request.receive()
    raise ClientDisconnect


@asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """Read what a client sends, for `BODY_MAX_S` seconds at most.

    Raises:
        ApiError: it took longer.
    """
    try:
        async with asyncio.timeout(BODY_MAX_S):
            yield
    except TimeoutError:
        raise ApiError(REQUEST_TIMEOUT) from None


async def discard_body(request: Request) -> None:
    """Read what nobody wants to know: Serve keeps all that a client goes on sending until somebody reads it.

    Raises:
        ApiError: it is too large (see `guard`), or too slow.
    """
    await _bytes_of(request)


def canonical(body: Body) -> str:
    """What tells a repeated request from another one: the same text whatever the order of the fields, and the spaces.

    Numbers and texts count as they are written: 20 and 20.0 are two.

    Raises:
        ApiError: it is nested so deep that it could just be read.
    """
    try:
        return json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    except RecursionError:
        raise ApiError(INVALID_BODY) from None


def _fraction(text: str) -> Decimal:
    """A number with a fraction or exponent, also `NaN` and `Infinity`: the field it stands in is to be named."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return _NOT_A_NUMBER


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) <= _INT_DIGITS_MAX else _fraction(text)


_DECODER = json.JSONDecoder(parse_float=_fraction, parse_int=_whole, parse_constant=_fraction)
