"""The sandbox as one ASGI application: every endpoint, the pages, and Stripe's words for everything else."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from cluster.sandbox import auth, background, browser, checkout_browser, fault_routes
from cluster.sandbox.endpoints import ALL
from cluster.sandbox.errors import ApiError, MissingError
from cluster.sandbox.ids import new_id
from cluster.sandbox.service import Service, respond
from cluster.sandbox.wire import Wire


def make_app(service: Service) -> ASGIApp:
    """Return the application that serves `service`."""
    api = [Route(one.path, service.handler(one), methods=[one.method]) for one in ALL]
    pages = [*checkout_browser.routes(service), *browser.routes(service)]
    return Wire(
        Starlette(
            routes=[Route("/health", _health), *fault_routes.routes(service.faults), *api, *pages],
            exception_handlers={HTTPException: _unrecognised},
            lifespan=lambda _: background.working(service),
        )
    )


async def _health(request: Request) -> Response:
    return JSONResponse({"status": "ok", "sandbox": True, "livemode": False})


async def _unrecognised(request: Request, error: Exception) -> Response:
    """Answer a path or method that no endpoint has; without a key, first ask for one, as Stripe does."""
    refusal: ApiError = MissingError(
        f"Unrecognized request URL ({request.method}: {request.url.path}). Please see "
        "https://stripe.com/docs or we can help at https://support.stripe.com/."
    )
    try:
        auth.check(request.headers.get("authorization"))
    except ApiError as unauthorized:
        refusal = unauthorized
    return respond(request, refusal.answer(), new_id("req"))
