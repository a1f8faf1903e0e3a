"""The whole document at /openapi.json.

OpenAPI 3.0.3, because that is what the Swagger UI that ships in a Python package can show.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from serve_app.openapi.schemas import SCHEMAS
from serve_app.sessions import COOKIE

VERSION = "3.0.3"
API_VERSION = "0.1.0"
TITLE = "Box Office"
DESCRIPTION = (
    "A ticket marketplace: people list tickets, many want the same one, exactly one gets it and pays in time.\n\n"
    'Every refusal is `{"errors": [{"message", "field"?, "code"}]}`; an unknown address answers 404 and a wrong '
    "method 405 in the same shape. Ids have 24 hexadecimal digits, times are UTC, prices are dollars."
)
SECURITY = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Set by signing up or in; valid for seven days.",
    }
}


def route(described: Sequence[BaseRoute]) -> Route:
    """The address of the document that describes these routes; made once, at the first question."""

    @cache
    def document() -> dict[str, Any]:
        return _document(described)

    async def show(_request: Request) -> Response:
        return JSONResponse(document())

    return Route("/openapi.json", show, methods=["GET"])


def _document(described: Sequence[BaseRoute]) -> dict[str, Any]:
    document = get_openapi(
        title=TITLE, version=API_VERSION, openapi_version=VERSION, description=DESCRIPTION, routes=described
    )
    document["components"] = {"schemas": SCHEMAS, "securitySchemes": SECURITY}
    return document
