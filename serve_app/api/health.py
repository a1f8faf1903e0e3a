"""/api/health and /api/ready: for those who watch over the office."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from actors.runtime.clock import steady_s
from actors.runtime.tasks import own
from serve_app.answers import answer, errors_of, respond
from serve_app.openapi.describe import describe
from serve_app.refusals import NOT_READY

ANSWER_KEPT_S = 1.0
"""How long one answer is good for all who ask: each costs a question to every supervisor, and anybody may ask."""


class Health:
    """The handlers of health checks."""

    def __init__(self, readiness: Callable[[], Awaitable[list[str]]]) -> None:
        """Ask `readiness` what is missing."""
        self._readiness = readiness
        self._asked: asyncio.Task[list[str]] | None = None
        self._good_until_s = 0.0

    def router(self) -> APIRouter:
        """Their routes."""
        router = APIRouter(prefix="/api", tags=["health"])
        router.add_api_route("/health", self.health, **describe("GET", "Is this process alive", (200, "Health")))
        router.add_api_route(
            "/ready", self.ready, **describe("GET", "Is the office open", (200, "Ready"), also={503: "NotReady"})
        )
        return router

    async def health(self, request: Request) -> Response:
        """Say that this process lives; it asks nobody else."""
        return respond(answer(200, {"status": "ok"}, Cache_Control="no-store"))

    async def ready(self, request: Request) -> Response:
        """Say whether every supervisor and MongoDB answer, and what is missing if not."""
        missing = await asyncio.shield(self._question())
        if not missing:
            return respond(answer(200, {"ready": True}, Cache_Control="no-store"))
        refusal = replace(NOT_READY, message=f"{NOT_READY.message}: {', '.join(missing)}")
        body = {"ready": False, "missing": missing, **errors_of(refusal)}
        return respond(answer(503, body, Retry_After="1", Cache_Control="no-store"))

    def _question(self) -> asyncio.Task[list[str]]:
        """The question that is under way, or was answered a moment ago; else a new one.

        It belongs to no request: in the context of one, Ray would cancel it when that client leaves.
        """
        now_s = steady_s()
        if self._asked is None or (self._asked.done() and now_s >= self._good_until_s):
            self._asked = own(self._ask())
        return self._asked

    async def _ask(self) -> list[str]:
        missing = await self._readiness()
        self._good_until_s = steady_s() + ANSWER_KEPT_S
        return missing
