"""The outermost layer: what is refused before any handler runs, and the last resort when one breaks."""

import logging
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve_app.answers import refuse_with, respond
from serve_app.cross_site import is_cross_site
from serve_app.refusals import BODY_TOO_LARGE, CROSS_SITE, INTERNAL_ERROR, ApiError

log = logging.getLogger("boxoffice.api")

BODY_MAX = 64 * 1024
"""Bytes that a request's body may have."""


Refuse = Callable[[Request, ApiError], Awaitable[Response]]
"""How a refusal is worded for whoever asked."""


async def refuse_programs(_request: Request, error: ApiError) -> Response:
    """The API's error shape."""
    return respond(refuse_with(error))


class Guard:
    """ASGI middleware around everything: one call deep, nothing buffered."""

    def __init__(self, app: ASGIApp, refuse: Refuse = refuse_programs) -> None:
        """Guard `app`; word refusals with `refuse`."""
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        attempt = _Attempt(self._refuse, send)
        try:
            check(scope)
            await self._app(scope, bounded(receive), attempt.send)
        except ClientDisconnect:
            log.debug("a client left before its request was read")
        except ApiError as error:
            await attempt.refuse(error, scope, receive)
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            await attempt.refuse(ApiError(INTERNAL_ERROR), scope, receive)


class _Attempt:
    """Remembers whether the response has begun: after that nothing else can be said."""

    def __init__(self, refuse: Refuse, send: Send) -> None:
        self._refuse = refuse
        self._send = send
        self._begun = False

    async def send(self, message: Message) -> None:
        self._begun = True
        await self._send(message)

    async def refuse(self, error: ApiError, scope: Scope, receive: Receive) -> None:
        if not self._begun:
            response = await self._refuse(Request(scope, receive), error)
            await response(scope, receive, self.send)


def check(scope: Scope) -> None:
    """Refuse what its head alone gives away.

    Raises:
        ApiError: it is a cross-site request that could act, or announces a body that is too large.
    """
    headers = Headers(scope=scope)
    if is_cross_site(scope["method"], headers):
        raise ApiError(CROSS_SITE)
    announced = headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > 9 or int(announced) > BODY_MAX):
        raise ApiError(BODY_TOO_LARGE)


def bounded(receive: Receive) -> Receive:
    """`receive`, until more than `BODY_MAX` bytes have come; then it raises ApiError, whatever was announced."""
    taken = 0

    async def receive_bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY_MAX:
            raise ApiError(BODY_TOO_LARGE)
        return message

    return receive_bounded
