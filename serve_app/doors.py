"""Two doors into one office: the API for programs, the pages for people."""

from starlette.types import ASGIApp, Receive, Scope, Send

PROGRAMS = ("/api", "/docs", "/openapi.json")
"""Where programs go, and all that is below; everything else is a page."""

_BELOW = tuple(f"{each}/" for each in PROGRAMS)


class Doors:
    """Sends each request to where it belongs."""

    def __init__(self, api: ASGIApp, site: ASGIApp) -> None:
        """Between `api` and `site`."""
        self._api = api
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; the application's own start and end belong to the API."""
        door = self._site if scope["type"] == "http" and not is_for_programs(scope["path"]) else self._api
        await door(scope, receive, send)


def is_for_programs(path: str) -> bool:
    """Whether a path belongs to the API."""
    return path.startswith(_BELOW) or path in PROGRAMS
