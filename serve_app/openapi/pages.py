"""/docs: Swagger UI from its Python package, so that it works where there is no internet."""

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from swagger_ui_bundle import swagger_ui_path  # type: ignore[import-untyped]

from serve_app.openapi.document import TITLE
from serve_app.refusals import NOT_FOUND, ApiError

FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")


def router() -> APIRouter:
    """The page and its files."""
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/docs", page, methods=["GET"])
    routes.add_api_route("/docs/{name}", file, methods=["GET"], response_model=None)
    return routes


async def page(request: Request) -> Response:
    """The page."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=TITLE,
        swagger_css_url=f"/docs/{FILES[0]}",
        swagger_js_url=f"/docs/{FILES[1]}",
        swagger_favicon_url=f"/docs/{FILES[2]}",
    )


async def file(request: Request) -> Response:
    """One of its files.

    Raises:
        ApiError: it has no such file.
    """
    name = request.path_params["name"]
    if name not in FILES:
        raise ApiError(NOT_FOUND)
    return FileResponse(swagger_ui_path / name)
