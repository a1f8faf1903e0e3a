"""What goes wrong while a request is served, as the answer it becomes: one table from exception to response."""

import logging
from collections.abc import Sequence

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
from starlette.types import Scope

from serve_app.answers import refusal_of, refuse_with, respond
from serve_app.operation import is_keyed
from serve_app.refusals import (
    DATABASE_UNAVAILABLE,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    OUTCOME_UNKNOWN,
    UNKNOWN_WITHOUT_KEY,
    ApiError,
)

log = logging.getLogger("boxoffice.api")

UNAVAILABLE = (ConnectionFailure, ExecutionTimeout, WTimeoutError)
"""MongoDB does not answer now, and may soon; any other of its errors is a defect of ours."""


class Failures:
    """Words failures in the API's error shape."""

    def __init__(self, routes: Sequence[Route]) -> None:
        """Know what each of `routes` takes."""
        self._routes = routes

    async def explain(self, scope: Scope, error: Exception) -> Response | None:
        """The answer to a request that failed with `error`; None where that is a defect of ours."""
        match error:
            case ApiError() if OUTCOME_UNKNOWN in error.refusals and not is_keyed(Request(scope)):
                return refusal_of(ApiError(UNKNOWN_WITHOUT_KEY))
            case ApiError():
                return refusal_of(error)
            case HTTPException(status_code=405):
                return self._wrong_method(scope)
            case HTTPException():
                return refusal_of(ApiError(NOT_FOUND))
            case PyMongoError() if isinstance(error, UNAVAILABLE):
                log.warning("the database does not answer: %s", error)
                return refusal_of(ApiError(DATABASE_UNAVAILABLE))
        return None

    def _wrong_method(self, scope: Scope) -> Response:
        response = respond(refuse_with(ApiError(METHOD_NOT_ALLOWED)))
        response.headers["Allow"] = allowed(self._routes, scope)
        return response


def allowed(routes: Sequence[Route], scope: Scope) -> str:
    """The `Allow` header of a path: the methods that some route there understands."""
    here = (route for route in routes if route.matches(scope)[0] != Match.NONE)
    return ", ".join(sorted(set[str]().union(*(route.methods or () for route in here))))
