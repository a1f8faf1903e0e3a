"""/api/stream: what changes, as it changes."""

from bson import ObjectId
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from serve_app.fields import id_from
from serve_app.live.digest import Interest
from serve_app.live.live import Live
from serve_app.live.response import HEADERS, StreamResponse
from serve_app.live.stream import Stream
from serve_app.office import Office
from serve_app.openapi.describe import describe
from serve_app.refusals import INVALID_TICKETS, STREAMS_FULL, ApiError

TICKETS_MAX = 200
"""Tickets that one stream may name: two pages of a list."""


class LiveStream:
    """The handler of streams."""

    def __init__(self, office: Office, live: Live) -> None:
        """Tell the visitors of `office` what `live` hears."""
        self._office = office
        self._live = live

    def router(self) -> APIRouter:
        """Its route."""
        router = APIRouter(prefix="/api", tags=["stream"])
        refusals = (INVALID_TICKETS, STREAMS_FULL)
        router.add_api_route(
            "/stream",
            self.stream,
            **describe("GET", "Follow changes", (200, None), refusals=refusals, reads=True, streams=True),
        )
        return router

    async def stream(self, request: Request) -> Response:
        """Follow tickets, and your orders, as server-sent events.

        `hello` comes first, with the server's time: `{now}`. `ticket` tells a ticket's new version: `{id, title,
        price, version, state, orderId?}`, state being `available`, `reserved` or `sold`. `order` is an order of yours
        as `GET /api/orders/{order_id}` shows it. `reset` says that changes are missing: load what you show again.
        `beat` comes where nothing else does for 15 seconds. Streams end by themselves after about 100 seconds;
        browsers come back with `Last-Event-ID` and miss nothing. A first connection may say `?after=` with an id that
        it knows; else load what you show after `hello`. Pass over versions that are not newer than what you have.
        """
        if request.method == "HEAD":
            return Response(headers=HEADERS)  # a stream of which nothing is sent would take a seat for nobody
        tickets = tickets_in(request.query_params.get("tickets"))
        session = self._office.sessions.of(request)
        await self._live.admit()
        interest = Interest(tickets=tickets, user_id=session.user_id if session else None)
        last_id = request.headers.get("last-event-id", request.query_params.get("after"))
        return StreamResponse(self._live, Stream(self._live, interest, last_id))


def tickets_in(text: str | None) -> frozenset[ObjectId] | None:
    """The tickets that a query string names, with commas between their ids; None for all, where it says nothing.

    Raises:
        ApiError: one of them is not an id, or they are too many.
    """
    if text is None:
        return None
    ids = text.split(",", TICKETS_MAX) if text else []
    if len(ids) > TICKETS_MAX:
        raise ApiError(INVALID_TICKETS)
    return frozenset(id_from(each, INVALID_TICKETS) for each in ids)
