"""What goes wrong, as a page that looks like the rest and says what to do. Defects come here by way of the guard."""

import logging
from collections.abc import Sequence

from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from serve_app.failures import UNAVAILABLE, allowed
from serve_app.refusals import DATABASE_UNAVAILABLE, METHOD_NOT_ALLOWED, NOT_FOUND, ApiError
from serve_app.web.forms import BAD_FORM
from serve_app.web.visits import Visits

log = logging.getLogger("boxoffice.web")

_BY_STATUS = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED}


class ErrorPages:
    """Answers what no page could."""

    def __init__(self, visits: Visits, routes: Sequence[Route]) -> None:
        """Answer visitors; know what each of `routes` takes."""
        self._visits = visits
        self._routes = routes

    def handlers(self) -> dict[object, object]:
        """Which error is answered by what, as Starlette wants to know it."""
        return {
            ApiError: self.refused,
            HTTPException: self.not_served,
            PyMongoError: self.database,
        }

    async def explain(self, scope: Scope, error: Exception) -> Response | None:
        """Show what the guard refused; anything else that reaches it is a defect."""
        return await self.refused(Request(scope), error) if isinstance(error, ApiError) else None

    async def refused(self, request: Request, error: Exception) -> Response:
        """Show a refusal that belongs to no form."""
        assert isinstance(error, ApiError), "registered for ApiError"
        errors = [{"message": each.message, "code": each.code} for each in error.refusals]
        visit = self._visits.of(request)
        return visit.page("error.html", error.status, errors=errors, retry_after_s=error.retry_after_s)

    async def not_served(self, request: Request, error: Exception) -> Response:
        """Show what is no page."""
        assert isinstance(error, HTTPException), "registered for HTTPException"
        refusal = _BY_STATUS.get(error.status_code, BAD_FORM)
        response = await self.refused(request, ApiError(refusal, status=error.status_code))
        if error.status_code == 405:
            response.headers["Allow"] = allowed(self._routes, request.scope)
        return response

    async def database(self, request: Request, error: Exception) -> Response:
        """Show that the books cannot be looked into."""
        if not isinstance(error, UNAVAILABLE):
            raise error
        log.warning("the database does not answer: %s", error)
        return await self.refused(request, ApiError(DATABASE_UNAVAILABLE))
