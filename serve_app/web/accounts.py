"""Pages for signing up, in and out."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from actors.contract import EMAIL_IN_USE
from serve_app.refusals import WRONG_CREDENTIALS
from serve_app.web.api import Api, Said
from serve_app.web.forms import read_form
from serve_app.web.visit import Visit, local_path
from serve_app.web.visits import Visits
from serve_app.web.waiting import in_line


class AccountPages:
    """The pages of accounts."""

    def __init__(self, visits: Visits, api: Api) -> None:
        """Act through the API."""
        self._visits = visits
        self._api = api

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [
            Route("/signup", self.show, methods=["GET"]),
            Route("/signin", self.show, methods=["GET"]),
            Route("/signup", self.enter, methods=["POST"]),
            Route("/signin", self.enter, methods=["POST"]),
            Route("/signout", self.leave, methods=["POST"]),
            Route("/signout", self._visits.to_front, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form; whoever is signed in already goes where they wanted."""
        visit = self._visits.of(request)
        back = local_path(request.query_params.get("next", "/"))
        return visit.go(back) if visit.session else _form(visit, back)

    async def enter(self, request: Request) -> Response:
        """Sign up or in, then go where they wanted."""
        visit, form = self._visits.of(request), await read_form(self._visits, request)
        back, email = local_path(form.text("next")), form.text("email")
        said = await self._entered(request, {"email": email, "password": form.text("password")})
        if said.is_done:
            return _go_with_cookies(visit, back, said)
        if said.is_doubtful:
            return in_line(visit, said, None, _here(visit, back))
        return _form(visit, back, email, said)

    async def leave(self, request: Request) -> Response:
        """Sign out."""
        visit = self._visits.of(request)
        await read_form(self._visits, request)
        said = await self._api.ask(request, "POST", "/api/users/signout")
        return _go_with_cookies(visit, "/", said)

    async def _entered(self, request: Request, credentials: dict[str, str]) -> Said:
        """What the API says to them. To sign up again is to sign in: the answer to the first time may be lost."""
        said = await self._api.ask(request, "POST", f"/api/users{request.url.path}", credentials)
        if said.code != EMAIL_IN_USE.code:
            return said
        again = await self._api.ask(request, "POST", "/api/users/signin", credentials)
        return said if again.code == WRONG_CREDENTIALS.code else again


def _go_with_cookies(visit: Visit, path: str, said: Said) -> Response:
    response = visit.go(path)
    for cookie in said.cookies:
        response.headers.append("Set-Cookie", cookie)
    return response


def _here(visit: Visit, back: str) -> str:
    """The address of the form that leads `back`."""
    return f"{visit.request.url.path}?{urlencode({'next': back})}"


def _form(visit: Visit, back: str, email: str = "", said: Said | None = None) -> Response:
    """The form; with what is wrong about it, if the API `said` so."""
    status, errors, after_s = (said.status, said.errors, said.retry_after_s) if said else (200, [], None)
    shown = {"is_new": visit.request.url.path == "/signup", "back": back, "email": email, "errors": errors}
    return visit.page("account.html", status, here=_here(visit, back), retry_after_s=after_s, **shown)
