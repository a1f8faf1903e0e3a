"""The whole document at /openapi.json.

OpenAPI 3.0.3, because that is what the Swagger UI that ships in a Python package can show.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from serve_app.openapi.schemas import SCHEMAS
from serve_app.sessions import COOKIE

VERSION = "3.0.3"
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


def install(app: FastAPI) -> None:
    """Let `app` describe itself with the shared schemas; made once, at the first question."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=TITLE, version=app.version, openapi_version=VERSION, description=DESCRIPTION, routes=app.routes
    )
    document["components"] = {"schemas": SCHEMAS, "securitySchemes": SECURITY}
    return document
