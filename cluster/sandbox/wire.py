"""Closes a connection without an answer, as a network does; ASGI itself knows no way to say that."""

import asyncio
import contextlib

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_TRANSPORT = "sandbox.transport"


class Wire:
    """Remembers the connection of each request; must be the outermost layer."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application that uvicorn serves."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        # uvicorn's `send` is a method of the object that holds the connection; layers above hide it.
        scope[_TRANSPORT] = getattr(getattr(send, "__self__", None), "transport", None)
        await self._app(scope, receive, send)


async def cut(request: Request) -> Response:
    """Close the connection of a request; the response returned is never sent. RuntimeError without uvicorn."""
    transport = request.scope.get(_TRANSPORT)
    if transport is None:
        raise RuntimeError("only a connection that uvicorn serves can be cut")
    transport.close()
    await _gone(request)
    return Response()


async def hang(request: Request, seconds: float) -> None:
    """Leave a client without an answer for so long, or until it gives up."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_gone(request), seconds)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass  # what is left of the body comes first
