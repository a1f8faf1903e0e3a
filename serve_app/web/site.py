"""The web site, put together from its pages."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from serve_app.guard import Guard
from serve_app.office import Office
from serve_app.parts import Parts
from serve_app.web.accounts import AccountPages
from serve_app.web.api import Api
from serve_app.web.assets import Assets
from serve_app.web.editing import EditingPages
from serve_app.web.errors import ErrorPages
from serve_app.web.forms import read_form
from serve_app.web.language import COOKIE, KEPT_S
from serve_app.web.orders import OrderPages
from serve_app.web.reserving import ReservingPages
from serve_app.web.selling import SellingPages
from serve_app.web.texts import LANGUAGES
from serve_app.web.tickets import TicketPages
from serve_app.web.visit import COOKIE_FLAGS, local_path
from serve_app.web.visits import Visits


def build_site(office: Office, parts: Parts, api: ASGIApp) -> ASGIApp:
    """The pages, which show what `office` reads and act through `api`."""
    assets = Assets()
    visits, client = Visits(office, parts, assets), Api(api)
    pages = (
        TicketPages(visits, office),
        AccountPages(visits, client),
        SellingPages(visits, office, client),
        EditingPages(visits, office, client),
        ReservingPages(visits, office, client),
        OrderPages(visits, office, client),
        LanguagePage(visits),
    )
    routes = [assets.route(), *(route for each in pages for route in each.routes())]
    errors = ErrorPages(visits, routes)
    site = Starlette(routes=routes, exception_handlers=errors.handlers())  # type: ignore[arg-type]
    site.router.redirect_slashes = False
    site.add_middleware(Guard, explain=errors.explain)
    return site


class LanguagePage:
    """The form at the foot of every page."""

    def __init__(self, visits: Visits) -> None:
        """Take the form of a visitor."""
        self._visits = visits

    def routes(self) -> list[Route]:
        """Its address; who loads an answer of its again goes to the front page."""
        return [
            Route("/language", self.choose, methods=["POST"]),
            Route("/language", self._visits.to_front, methods=["GET"]),
        ]

    async def choose(self, request: Request) -> Response:
        """Remember the language, and go back."""
        form = await read_form(self._visits, request)
        response = self._visits.of(request).go(local_path(form.text("next")))
        if (language := form.text("language")) in LANGUAGES:
            response.headers.append("Set-Cookie", f"{COOKIE}={language}; Max-Age={KEPT_S}{COOKIE_FLAGS}")
        return response
