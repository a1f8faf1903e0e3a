"""Reading a request's JSON body, whatever was sent."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.requests import ClientDisconnect, Request

from serve_app.refusals import INVALID_BODY, ApiError

Body = dict[str, Any]

_INT_DIGITS_MAX = 18
_NOT_A_NUMBER = Decimal("NaN")


async def read_body(request: Request) -> Body:
    """The JSON object in the body; numbers with a fraction come as Decimals, exactly as they were written.

    Raises:
        ApiError: it is not JSON, not an object, or too large (see `guard`).
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

    Raises:
        ClientDisconnect: the client left in the middle of it.
    """
    pieces: bytes = b""
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces += message.get("body", b"")
        if not message.get("more_body", False):
            return pieces


async def discard_body(request: Request) -> None:
    """Read what nobody wants to know: Serve keeps all that a client goes on sending until somebody reads it.

    Raises:
        ApiError: it is too large (see `guard`).
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
