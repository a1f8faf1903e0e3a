"""The application, put together from its parts. Nothing here knows Ray: whoever serves it passes them in."""

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp

from serve_app.api.checkouts import Checkouts
from serve_app.api.health import Health
from serve_app.api.hints import HintHandlers
from serve_app.api.orders import Orders
from serve_app.api.payments import Payments
from serve_app.api.stream import LiveStream
from serve_app.api.tickets import Tickets
from serve_app.api.users import Users
from serve_app.directory import Directory
from serve_app.doors import Doors
from serve_app.failures import Failures
from serve_app.guard import Guard
from serve_app.office import Office, open_office
from serve_app.openapi import document, pages
from serve_app.parts import Parts
from serve_app.web.site import build_site


def build_app(parts: Parts) -> ASGIApp:
    """The application on `parts`. Call `indexes.prepare` once for its database, in whichever process."""
    office = open_office(parts)
    api = build_api(parts, office)
    return Doors(api, build_site(office, parts, api))


def build_api(parts: Parts, office: Office) -> ASGIApp:
    """The API alone. FastAPI describes it, in `/openapi.json`; serving it takes no more than Starlette."""
    handlers = (
        Users(office),
        Tickets(office),
        Orders(office),
        Payments(office),
        Checkouts(office),
        HintHandlers(office, parts.hints, parts.config.stripe_webhook_secret),
        LiveStream(office, parts.live),
        Health(parts.readiness),
    )
    described = [route for each in handlers for route in each.router().routes]
    routes = [*map(served, described), *map(served, pages.router().routes), document.route(described)]
    router = Router(routes, redirect_slashes=False, lifespan=lambda _: parts.live.running())
    return Guard(Directory(routes, router), Failures(routes).explain)


def served(described: BaseRoute) -> Route:
    """The route that serves what FastAPI's describes: its handlers take the request and answer a response.

    HEAD comes with GET: the server leaves the body out.
    """
    assert isinstance(described, APIRoute), "described by `describe`"
    return Route(described.path, described.endpoint, methods=described.methods)
