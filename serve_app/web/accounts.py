"""Pages for signing up, in and out."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serve_app.web.api import Api
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
        path = f"/api/users{request.url.path}"
        said = await self._api.ask(request, "POST", path, {"email": email, "password": form.text("password")})
        if said.is_done:
            response = visit.go(back)
            for cookie in said.cookies:
                response.headers.append("Set-Cookie", cookie)
            return response
        if said.is_doubtful:
            return in_line(visit, said, None)
        return _form(visit, back, said.status, email, said.errors)

    async def leave(self, request: Request) -> Response:
        """Sign out."""
        visit = self._visits.of(request)
        await read_form(self._visits, request)
        said = await self._api.ask(request, "POST", "/api/users/signout")
        response = visit.go("/")
        for cookie in said.cookies:
            response.headers.append("Set-Cookie", cookie)
        return response


def _form(
    visit: Visit, back: str, status: int = 200, email: str = "", errors: list[dict[str, str]] | None = None
) -> Response:
    is_new = visit.request.url.path == "/signup"
    return visit.page("account.html", status, is_new=is_new, back=back, email=email, errors=errors or [])
