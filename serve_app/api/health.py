"""/api/health and /api/ready: for those who watch over the office."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from serve_app.answers import answer, errors_of, respond
from serve_app.openapi.describe import describe
from serve_app.refusals import NOT_READY


class Health:
    """The handlers of health checks."""

    def __init__(self, readiness: Callable[[], Awaitable[list[str]]]) -> None:
        """Ask `readiness` what is missing."""
        self._readiness = readiness

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
        return respond(answer(200, {"status": "ok"}))

    async def ready(self, request: Request) -> Response:
        """Say whether every supervisor and MongoDB answer, and what is missing if not."""
        missing = await self._readiness()
        if not missing:
            return respond(answer(200, {"ready": True}))
        refusal = replace(NOT_READY, message=f"{NOT_READY.message}: {', '.join(missing)}")
        return respond(answer(503, {"ready": False, "missing": missing, **errors_of(refusal)}, Retry_After="1"))
