"""Which handler answers which request: by name where a path is fixed, by pattern where it holds an id."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send


class Directory:
    """Looks a fixed path up in a table, and leaves every other to Starlette's router.

    Starlette tries one pattern after the other: on the way to a refusal that would be a tenth of the work.
    """

    def __init__(self, routes: Sequence[Route], router: Router) -> None:
        """Know the fixed ones of `routes`; `router` knows them all, and speaks the lifespan protocol."""
        fixed = (route for route in routes if "{" not in route.path)
        self._fixed = {(method, route.path): route.endpoint for route in fixed for method in route.methods or ()}
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        endpoint = self._fixed.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if endpoint is None:
            scope["app"] = self  # in an app the router raises what it cannot route, instead of answering by itself
            await self._router(scope, receive, send)
            return
        response = await endpoint(Request(scope, receive, send))
        await response(scope, receive, send)
