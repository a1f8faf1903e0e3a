"""The outermost layer: what is refused before any handler runs, and the last resort when one breaks."""

import logging
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve_app.cross_site import is_cross_site
from serve_app.refusals import BODY_TOO_LARGE, CROSS_SITE, INTERNAL_ERROR, LENGTH_REQUIRED, ApiError

log = logging.getLogger("boxoffice.api")

BODY_MAX = 64 * 1024
"""Bytes that a request's body may have."""


BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
"""Methods of which no handler reads a body."""

Explain = Callable[[Scope, Exception], Awaitable[Response | None]]
"""What whoever asked is told of an error; None for a defect of ours, of which nobody is told more than that."""


class Guard:
    """ASGI middleware around everything: one call deep, nothing buffered."""

    def __init__(self, app: ASGIApp, explain: Explain) -> None:
        """Guard `app`; word what goes wrong with `explain`."""
        self._app = app
        self._explain = explain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            check(scope)
            await self._app(scope, bounded(receive), watched)
        except ClientDisconnect:
            log.debug("a client left before its request was read")
        except Exception as error:  # noqa: BLE001  whatever it was, whoever asked is answered
            response = await self._word(scope, error)
            if not has_begun:  # after that nothing else can be said
                await response(scope, receive, send)

    async def _word(self, scope: Scope, error: Exception) -> Response:
        response = await self._explain(scope, error)
        if response is None:
            log.error("%s %s failed", scope["method"], scope["path"], exc_info=error)
            response = await self._explain(scope, ApiError(INTERNAL_ERROR))
        assert response is not None, "a refusal has words"
        return response


def check(scope: Scope) -> None:
    """Refuse what its head alone gives away.

    Raises:
        ApiError: it is a cross-site request that could act, or announces a body that is too large, or of unknown size
            where none is read: Serve would keep what comes of it until the answer is given.
    """
    is_browser = False
    for name, value in scope["headers"]:
        if name in (b"origin", b"sec-fetch-site"):
            is_browser = True
        elif name == b"content-length" and value.isdigit() and (len(value) > 9 or int(value) > BODY_MAX):
            raise ApiError(BODY_TOO_LARGE)
        elif name == b"transfer-encoding" and scope["method"] in BODILESS:
            raise ApiError(LENGTH_REQUIRED)
    if is_browser and is_cross_site(scope["method"], Headers(scope=scope)):
        raise ApiError(CROSS_SITE)


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
