"""The sandbox as one ASGI application: every endpoint, the pages, and Stripe's words for everything else."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cluster.sandbox import auth, browser
from cluster.sandbox.endpoints import ALL
from cluster.sandbox.errors import ApiError, MissingError
from cluster.sandbox.ids import new_id
from cluster.sandbox.service import Service, respond


def make_app(service: Service) -> Starlette:
    """Return the application that serves `service`."""
    api = [Route(one.path, service.handler(one), methods=[one.method]) for one in ALL]
    return Starlette(
        routes=[Route("/health", _health), *api, *browser.routes(service)],
        exception_handlers={HTTPException: _unrecognised},
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
