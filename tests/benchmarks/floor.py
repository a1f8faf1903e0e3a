"""The floor of this stack: Serve as we use it, and an endpoint that verifies the session, parses the JSON and refuses.

`BOXOFFICE_APPLICATION=tests.benchmarks.floor:application`. Sessions are verified as ours are: once for each token.
"""

import msgspec
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from actors.config import Config
from actors.contract import TICKET_RESERVED
from actors.runtime.clock import SystemClock
from cluster.settings import load
from serve_app.answers import answer, refuse_with, respond
from serve_app.deployment import application as application_for
from serve_app.refusals import ApiError
from serve_app.sessions import Sessions


class Refuser:
    """Refuses every reservation."""

    def __init__(self, key: str) -> None:
        """Verify sessions with `key`."""
        self._sessions = Sessions(key, SystemClock(), secure=False)
        self._ready = respond(answer(200, {}))
        self._refusal = respond(refuse_with(ApiError(TICKET_RESERVED)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["path"] == "/api/ready":
            await self._ready(scope, receive, send)
        else:
            self._sessions.required(Request(scope))
            msgspec.json.decode((await receive())["body"])
            await self._refusal(scope, receive, send)


class Floor:
    """One replica."""

    def __init__(self, config: Config) -> None:
        """Know the key of `config`."""
        self._key = config.jwt_key

    def __serve_build_asgi_app__(self) -> ASGIApp:
        """The ASGI application; Serve asks for it once the constructor is done."""
        return Refuser(self._key)


async def _live(receive: Receive, send: Send) -> None:
    for stage in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{stage}.complete"})


application = application_for(load().config(), Floor)
