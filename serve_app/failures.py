"""What goes wrong inside a handler, as the answer it becomes: one table from exception to response."""

import logging
from collections.abc import Sequence
from typing import Any

from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    PyMongoError,
    WTimeoutError,
)
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ExceptionHandler

from serve_app.answers import refuse_with, respond
from serve_app.refusals import DATABASE_UNAVAILABLE, METHOD_NOT_ALLOWED, NOT_FOUND, ApiError

log = logging.getLogger("boxoffice.api")

UNAVAILABLE = (ConnectionFailure, ExecutionTimeout, WTimeoutError)
"""MongoDB does not answer now, and may soon; any other of its errors is a defect of ours."""


def handlers(routes: Sequence[Route]) -> dict[Any, ExceptionHandler]:
    """Who answers which failure in the API's error shape. What is not here reaches the guard: 500."""

    async def unknown_route(request: Request, error: Exception) -> Response:
        """Answer what none of `routes` takes; a wrong method also hears which ones are right."""
        if isinstance(error, HTTPException) and error.status_code == 405:
            response = respond(refuse_with(ApiError(METHOD_NOT_ALLOWED)))
            response.headers["Allow"] = ", ".join(sorted(methods_at(request, routes)))
            return response
        return respond(refuse_with(ApiError(NOT_FOUND)))

    return {ApiError: _refused, HTTPException: unknown_route, PyMongoError: _database}


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError), "registered for ApiError"
    return respond(refuse_with(error))


async def _database(_request: Request, error: Exception) -> Response:
    if not isinstance(error, UNAVAILABLE):
        raise error
    log.warning("the database does not answer: %s", error)
    return respond(refuse_with(ApiError(DATABASE_UNAVAILABLE)))


def methods_at(request: Request, routes: Sequence[Route]) -> set[str]:
    """The methods that some route at this path understands."""
    here = (route for route in routes if route.matches(request.scope)[0] != Match.NONE)
    return set().union(*(route.methods or () for route in here))
