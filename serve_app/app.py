"""The application, put together from its parts. Nothing here knows Ray: whoever serves it passes them in."""

from fastapi import FastAPI
from starlette.types import ASGIApp

from serve_app import failures
from serve_app.api.checkouts import Checkouts
from serve_app.api.health import Health
from serve_app.api.hints import HintHandlers
from serve_app.api.orders import Orders
from serve_app.api.payments import Payments
from serve_app.api.stream import LiveStream
from serve_app.api.tickets import Tickets
from serve_app.api.users import Users
from serve_app.doors import Doors
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


def build_api(parts: Parts, office: Office) -> FastAPI:
    """The API alone."""
    app = FastAPI(
        title=document.TITLE,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lambda _: parts.live.running(),
    )
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
    for router in (*(each.router() for each in handlers), pages.router()):
        app.router.routes.extend(router.routes)  # flat: one list to match, and `failures` can look through it
    document.install(app)
    failures.install(app)
    app.add_middleware(Guard)
    return app
