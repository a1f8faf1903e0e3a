"""The peer's application: `uvicorn tests.benchmarks.peer.app:app`, with MONGO_URL and JWT_KEY set."""

import os
from typing import Any

import msgspec
from fastapi import FastAPI
from pymongo import AsyncMongoClient
from starlette.requests import Request
from starlette.responses import Response

from actors.contract import TICKET_NOT_FOUND
from actors.runtime.clock import SystemClock
from serve_app.answers import refuse_with, respond
from serve_app.fields import id_from
from serve_app.paging import next_link, page_in
from serve_app.refusals import INVALID_BODY, INVALID_TICKET_ID, ApiError
from serve_app.sessions import Sessions
from tests.benchmarks.peer import views
from tests.benchmarks.peer.books import Books

DATABASE = "peer"

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode

clock = SystemClock()
sessions = Sessions(os.environ["JWT_KEY"], clock, secure=False)
# As ours: for a write that the driver may retry MongoDB records what it did, which takes a twentieth of the time.
client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
    os.environ["MONGO_URL"], tz_aware=True, maxPoolSize=64, retryWrites=False
)
books = Books(client[DATABASE], clock)
app = FastAPI(openapi_url=None)


class Json(Response):
    """JSON that is encoded as fast as can be."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return _encode(content)


async def reserve(request: Request) -> Response:
    """POST /api/orders."""
    session = sessions.required(request)
    ticket_id = id_from(_object(await request.body()).get("ticketId"), INVALID_TICKET_ID)
    return Json(views.order(await books.reserve(ticket_id, session.user_id)), 201)


async def show(request: Request) -> Response:
    """GET /api/tickets/{ticket_id}."""
    found = await books.ticket(id_from(request.path_params["ticket_id"], TICKET_NOT_FOUND))
    if found is None:
        raise ApiError(TICKET_NOT_FOUND)
    return Json(views.ticket(found))


async def tickets(request: Request) -> Response:
    """GET /api/tickets: oldest first."""
    page = page_in(request.query_params)
    found = await books.tickets(page)
    shown = found[: page.limit]
    more = {"Link": next_link("/api/tickets", page, shown[-1]["_id"])} if len(found) > page.limit else None
    return Json([views.ticket(each) for each in shown], headers=more)


async def refused(_request: Request, error: Exception) -> Response:
    """Any refusal, in the API's error shape."""
    assert isinstance(error, ApiError)
    return respond(refuse_with(error))


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = _decode(raw)
    except (msgspec.DecodeError, RecursionError):
        raise ApiError(INVALID_BODY) from None
    if not isinstance(body, dict):
        raise ApiError(INVALID_BODY)
    return body


# Plain routes: FastAPI's own look for parameters in handlers that have none, which costs time.
app.add_route("/api/orders", reserve, methods=["POST"])
app.add_route("/api/tickets/{ticket_id}", show, methods=["GET"])
app.add_route("/api/tickets", tickets, methods=["GET"])
app.add_exception_handler(ApiError, refused)
